"""The harness's side of the probe."""

import json
from pathlib import Path

import pytest

from tests.harness.probe.client import Handler, Probe, ProbeError, Statement
from tests.integration.harness.http.scripted_site import Scripted

CONTROL = "/__probe__/control"


@pytest.fixture
def probe(scripted: Scripted, tmp_path: Path) -> Probe:
    """A client of the scripted server."""
    return Probe(lambda: scripted.url, tmp_path)


def answer(scripted: Scripted, result: object) -> None:
    """Let the probe answer this from now on."""
    scripted.answer(CONTROL, json.dumps({"result": result}), method="POST")


def test_rows(scripted: Scripted, probe: Probe) -> None:
    """The rows of a query are those that the probe answers."""
    answer(scripted, [["susan"], ["john"]])

    assert probe.rows("SELECT 1") == [["susan"], ["john"]]


def test_no_rows(scripted: Scripted, probe: Probe) -> None:
    """A statement that returns nothing has no rows."""
    answer(scripted, None)

    assert probe.rows("DELETE FROM post") == []


def test_refusal(scripted: Scripted, probe: Probe) -> None:
    """What the probe cannot do is told with the target's own words."""
    scripted.answer(CONTROL, "no such table", method="POST", status="500 Failed")

    with pytest.raises(ProbeError, match=r"sql.*SELECT 1.*no such table"):
        probe.sql("SELECT 1")


def test_raising(probe: Probe) -> None:
    """The path of a view that raises says what, in any script."""
    path = probe.raising("a b&é", "KeyError")

    assert path == "/__probe__/raise?message=a+b%26%C3%A9&type=KeyError"


def test_aborting(probe: Probe) -> None:
    """The path of a view that aborts says with what."""
    assert probe.aborting(418) == "/__probe__/abort/418"
    assert probe.aborting(503, retry_after="9") == "/__probe__/abort/503?retry_after=9"


def test_broken_statement(probe: Probe, tmp_path: Path) -> None:
    """A fault lies where every process of the site finds it, and has not struck."""
    (tmp_path / "triggered.json").touch()

    probe.break_statement(2, "OperationalError", "^UPDATE")

    assert json.loads((tmp_path / "fault.json").read_bytes()) == {
        "number": 2,
        "error": "OperationalError",
        "matching": "^UPDATE",
    }
    assert not probe.fault_triggered


def test_break_file(probe: Probe, tmp_path: Path) -> None:
    """A fault of a file is left for the process, which tells what it struck."""
    probe.break_file(3, "ENOSPC")
    armed = tmp_path / "fault.json"
    assert json.loads(armed.read_bytes()) == {"number": 3, "errno": "ENOSPC"}

    armed.unlink()
    (tmp_path / "triggered.json").write_text('"os.rename"')

    assert (probe.fault_triggered, probe.fault_step) == (True, "os.rename")


def test_struck(probe: Probe, tmp_path: Path) -> None:
    """A fault has struck once a process has taken it."""
    probe.break_statement()
    (tmp_path / "fault.json").rename(tmp_path / "triggered.json")

    assert probe.fault_triggered


def test_mended(probe: Probe, tmp_path: Path) -> None:
    """A fault that is taken out is there no more, and taking it out again is fine."""
    probe.break_statement()

    probe.clear_fault()
    probe.clear_fault()

    assert not (tmp_path / "fault.json").exists()


def test_statements(probe: Probe, tmp_path: Path) -> None:
    """The statements of a block are there at its end, and recorded only within."""
    (tmp_path / "statements.jsonl").write_text("from an earlier block")
    with probe.statements() as seen:
        assert (tmp_path / "recording").exists()
        entry = {"request": "GET /", "sql": "SELECT 1"}
        (tmp_path / "statements.jsonl").write_text(f"{json.dumps(entry)}\n")

    assert seen == [Statement("GET /", "SELECT 1")]
    assert not (tmp_path / "recording").exists()


def test_handlers(scripted: Scripted, probe: Probe) -> None:
    """Logging handlers are told with what they are made from."""
    answer(
        scripted,
        [
            {
                "logger": "app",
                "class": "FileHandler",
                "bases": ["FileHandler", "StreamHandler"],
                "level": "INFO",
                "format": "%(message)s",
                "file": "/logs/microblog.log",
            }
        ],
    )

    [handler] = probe.handlers()

    assert isinstance(handler, Handler)
    assert (handler.logger, handler.kind, handler.level) == (
        "app",
        "FileHandler",
        "INFO",
    )
    assert handler.bases == ("FileHandler", "StreamHandler")


def test_routes(scripted: Scripted, probe: Probe) -> None:
    """Routes are told as rule, methods and endpoint."""
    answer(scripted, [["/", ["GET", "POST"], "posts.index"]])

    assert probe.routes() == [("/", ("GET", "POST"), "posts.index")]


def test_tables(scripted: Scripted, probe: Probe) -> None:
    """Tables are told with their columns, in the order of the probe."""
    answer(scripted, [["user", ["id"]], ["post", ["id", "user_id"]]])

    assert list(probe.tables().items()) == [
        ("user", ["id"]),
        ("post", ["id", "user_id"]),
    ]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("dialect", "sqlite"),
        ("versions", {"Flask": "3.1.3"}),
        ("settings", {"MAIL_PORT": 25}),
        ("signals", ["boom"]),
        ("pid", 4321),
    ],
)
def test_told(scripted: Scripted, probe: Probe, question: str, told: object) -> None:
    """What the probe tells is returned as it is."""
    answer(scripted, told)

    assert getattr(probe, question)() == told

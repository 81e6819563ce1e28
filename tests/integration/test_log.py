"""The log file of the chapter."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from tests.harness.logs.records import LINE
from tests.harness.plugin.behaviour import behaviour, own_only, wording
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace


@behaviour("log.file")
def test_file(site: Site) -> None:
    """Records that the application logs go to its log file."""
    site.probe.log("WARNING", "the pipe drips")

    site.log.wait_for("the pipe drips")


@behaviour("log.file")
def test_file_without_mail(launch: Callable[..., Site]) -> None:
    """The log file is written without a mail server, too."""
    site = launch()

    site.probe.log("WARNING", "the pipe drips")

    site.log.wait_for("the pipe drips")


@wording
@behaviour("log.file")
def test_name_of_the_file(site: Site) -> None:
    """The log file is logs/microblog.log."""
    site.probe.log("WARNING", "the pipe drips")

    site.log.wait_for("the pipe drips")
    assert site.log.current == site.code / "logs" / "microblog.log", (
        f"The log file is {site.log.current.relative_to(site.code)}."
    )


@behaviour("log.directory-made")
def test_directory_is_made(site: Site) -> None:
    """The missing log directory is created."""
    site.probe.log("WARNING", "hello")

    site.log.wait_for("hello")
    assert site.log.directory.is_dir(), "There is no directory for the log."


@behaviour("log.format")
def test_parts_of_a_line(site: Site) -> None:
    """A line has time, level, message, source file and line number."""
    site.probe.log("WARNING", "the pipe drips")
    site.log.wait_for("the pipe drips")

    lines = site.log.text.splitlines()
    line = next(line for line in lines if "the pipe drips" in line)

    rest = line.replace("the pipe drips", "")
    assert re.search(r"\d\d:\d\d", rest), f"There is no time of day in {line!r}."
    assert re.search(r"\bWARNING\b", rest, re.IGNORECASE), (
        f"There is no level in {line!r}."
    )
    assert re.search(r"\.py\b.*\d", rest), (
        f"There is no source file with a line in {line!r}."
    )


@wording
@behaviour("log.format")
def test_format(site: Site) -> None:
    """A line is TIME LEVEL: MESSAGE [in PATH:LINE]."""
    site.probe.log("ERROR", "hello")
    site.log.wait_for("hello")

    line = next(line for line in site.log.text.splitlines() if "hello" in line)

    found = LINE.match(line)
    assert found is not None, f"A line is {line!r}."
    moment = datetime.strptime(found["time"], "%Y-%m-%d %H:%M:%S,%f")
    assert abs((datetime.now() - moment).total_seconds()) < 60, f"The time is {moment}."
    assert (found["level"], found["message"]) == ("ERROR", "hello"), (
        f"A line is {line!r}."
    )
    assert found["path"].endswith(".py"), f"A line is {line!r}."


@behaviour("log.level")
@pytest.mark.parametrize(
    ("level", "written"),
    [
        *(("DEBUG", False), ("INFO", True), ("WARNING", True)),
        *(("ERROR", True), ("CRITICAL", True)),
    ],
)
def test_level(site: Site, level: str, written: bool) -> None:
    """INFO and above are written; DEBUG is not."""
    site.require_log()
    site.probe.log(level, "hello")

    site.probe.log("CRITICAL", "what comes after")
    site.log.wait_for("what comes after")
    lines = site.log.text.count("hello")
    assert lines == int(written), (
        f"The log has {lines} lines with a record of level {level}."
    )


@behaviour("log.startup")
def test_start_leaves_a_line(launch: Callable[..., Site]) -> None:
    """Each start of the server leaves a line in the log."""
    site = launch()
    after_one = site.log.text
    site.restart()

    assert after_one != "", "The first start leaves no line in the log."
    assert len(site.log.text) > len(after_one), (
        "The second start leaves no line in the log."
    )


@own_only
@behaviour("log.startup")
def test_startup(site: Site) -> None:
    """Each start of the server writes "Microblog startup" once."""
    for _ in range(2):
        site.restart()
        site.visitor().home()

    startups = [one for one in site.records() if one.message == "Microblog startup"]

    assert [one.level for one in startups] == ["INFO", "INFO"]


@behaviour("log.traceback")
def test_traceback(site: Site) -> None:
    """An unhandled exception is written with its stack trace."""
    site.fail("the pipe burst")

    site.probe.log("WARNING", "what comes after")
    site.log.wait_for("what comes after")
    assert "Traceback (most recent call last):" in site.log.text, (
        "The log has no stack trace."
    )
    assert "RuntimeError: the pipe burst" in site.log.text, (
        "The log does not name the exception."
    )


@own_only
@behaviour("log.traceback")
def test_trace_follows_its_record(site: Site) -> None:
    """The stack trace follows the error's record, which has the address."""
    site.fail("the pipe burst")

    record = site.log.wait_for("/__probe__/raise")
    assert record.level == "ERROR"
    assert record.trace.startswith("Traceback (most recent call last):")
    assert re.search(r"^RuntimeError: the pipe burst$", record.trace, re.MULTILINE)


@behaviour("log.once")
def test_once(site: Site) -> None:
    """Each record is written once."""
    site.require_log()
    mark = uuid4()
    site.probe.log("WARNING", f"the pipe drips: {mark}")
    site.fail(f"the pipe burst: {mark}")

    site.records()
    # A second handler may write to a file that the first one has rotated.
    logged = "".join(path.read_text(errors="replace") for path in site.log.files)
    for text in (f"the pipe drips: {mark}", f"RuntimeError: the pipe burst: {mark}"):
        times = logged.count(text)
        assert times == 1, f"The record was written {times} times."


#: Programs that configure logging, each in one of the usual ways, and log a warning.
CONFIGURES = {
    "basic-config": "logging.basicConfig(level=logging.DEBUG)",
    "root-handler": "logging.getLogger().addHandler(logging.StreamHandler())",
    "dict-config": """logging.config.dictConfig({
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "INFO", "handlers": ["console"]},
})""",
    "second-application": "import harness_probe",
}
LOGS = """
import logging
import logging.config

{configure}
from app import create_app

create_app().logger.warning("the pipe drips")
logging.getLogger("a_library").warning("the tap drips")
"""


@own_only
@behaviour("log.once")
@pytest.mark.parametrize("way", CONFIGURES)
def test_once_in_each_way(workplace: Workplace, database_url: str, way: str) -> None:
    """A record is written once, whatever has configured logging before."""
    (workplace.code / "logs_once.py").write_text(LOGS.format(configure=CONFIGURES[way]))
    site = Site(workplace, flask_server(), {})

    finished = run(workplace, "logs_once", env={"DATABASE_URL": database_url})

    assert finished.status == 0, finished.output
    for text in ("the pipe drips", "the tap drips"):
        assert site.log.text.count(text) == 1
        assert finished.output.count(text) == 1


@own_only
@behaviour("log.stdout")
def test_stdout(launch: Callable[..., Site]) -> None:
    """With LOG_TO_STDOUT=1, records go to standard output once and to no file."""
    site = launch(env={"LOG_TO_STDOUT": "1"})

    site.probe.log("WARNING", "the pipe drips: grün")
    site.fail("the pipe burst")
    site.stop()

    [line] = [one for one in site.output.splitlines() if "the pipe drips" in one]
    found = LINE.match(line)
    assert found is not None
    assert (found["level"], found["message"]) == ("WARNING", "the pipe drips: grün")
    assert site.output.count("RuntimeError: the pipe burst") == 1
    assert site.log.files == []


@own_only
@behaviour("log.destinations")
@pytest.mark.parametrize(
    ("env", "line"),
    [
        (
            {"MAIL_SERVER": "localhost", "MAIL_PORT": "1", "ADMINS": "a@example.com"},
            "Errors are logged to {log}, and mailed to a@example.com"
            " by localhost port 1 (no TLS)",
        ),
        ({}, "Errors are logged to {log}, and not mailed: MAIL_SERVER is not set"),
        (
            {"FLASK_DEBUG": "1"},
            "Errors are shown here only: in debug mode nothing is logged or mailed",
        ),
    ],
    ids=["mail", "no-server", "debug"],
)
def test_destinations(
    launch: Callable[..., Site], env: dict[str, str], line: str
) -> None:
    """At start, one line states where errors go and why they are not mailed."""
    site = launch(env=env, arguments=("--no-reload",))

    line = line.format(log=site.log.current)
    assert site.output.count(line) == 1
    if "FLASK_DEBUG" not in env:
        assert [one.message for one in site.records()].count(line) == 1


@behaviour("log.off-in-debug")
def test_off_in_debug(launch: Callable[..., Site]) -> None:
    """In debug mode no log file is written."""
    site = launch(debug=True, arguments=("--no-reload",))
    site.require_log()

    site.fail("the pipe burst")
    site.probe.log("ERROR", "the pipe leaks")
    # The debugger answers before it prints the trace.
    site.process.wait_for("the pipe burst")
    site.stop()

    assert site.log.files == [], f"There is a log file: {site.log.files[-1].name}."

"""Comparing and bisecting over the releases of a small index."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target.target import REPOSITORY
from tests.integration.contract.package_index import PackageIndex, served, wheel
from tests.integration.contract_runs import KNOWN, standin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


@dataclass
class Finished:
    """The exit status and the output of the command, and its reports."""

    status: int
    output: str
    report: Path

    def data(self, name: str) -> Any:
        """Return a report of JSON."""
        return json.loads((self.report / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """An index on which greeter 2.0 breaks what uses it."""
    with served(tmp_path_factory.mktemp("index")) as index:
        index.upload_shared("2024-01-01")
        index.upload("2024-01-01", "greeter", "1.0", "STATUS = 404")
        index.upload("2024-03-01", "greeter", "1.1", "STATUS = 404\nHELLO = 'Hello'")
        index.upload("2024-07-01", "greeter", "2.0", "STATUS = 200")
        index.upload("2024-10-01", "greeter", "2.1", "STATUS = 200\nHELLO = 'Hi'")
        index.upload("2024-01-01", "polite", "1.0", requires=("greeter<2",))
        index.upload("2024-07-02", "polite", "2.0", requires=("greeter>=2",))
        for number, name in enumerate(("apple", "lemon", "olive", "peach"), 2):
            index.upload("2024-01-01", name, "1.0")
            index.upload(f"2024-{2 * number:02}-15", name, "1.1")
        yield index


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """A stand-in whose page for unknown addresses uses greeter."""
    target = standin("modular", tmp_path)
    errors = target / "app" / "errors.py"
    text = errors.read_text().replace("from flask", "import greeter\nfrom flask", 1)
    errors.write_text(text.replace('"404.html"), 404', '"404.html"), greeter.STATUS'))
    (target / "requirements.txt").write_text(
        "shared==1.0\ngreeter>=1.0\npolite>=1\napple>=1\nlemon>=1\nolive>=1\npeach>=1\n"
    )
    return target


@pytest.fixture
def picky(blog: Path) -> Path:
    """The stand-in, which does not start unless it agrees with greeter."""
    errors = blog / "app" / "errors.py"
    errors.write_text(f"{errors.read_text()}\nassert greeter.STATUS == 404\n")
    return blog


@pytest.fixture
def run_module(
    index: PackageIndex, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Finished]:
    """Runs a module of the suite with the index."""
    cache = tmp_path_factory.getbasetemp()

    def run(*arguments: str, **environ: str) -> Finished:
        finished = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "XDG_CACHE_HOME": str(cache / "cache"),
                "UV_CACHE_DIR": str(cache / "uv"),
                "UV_DEFAULT_INDEX": f"{index.url}/simple/",
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
        )
        return Finished(finished.returncode, finished.stdout, tmp_path / "report")

    return run


@pytest.fixture
def command(
    run_module: Callable[..., Finished], tmp_path: Path
) -> Callable[..., Finished]:
    """Runs the command with the index, a profile and reports."""
    (tmp_path / "profile.toml").write_text(KNOWN)
    profile, report = str(tmp_path / "profile.toml"), str(tmp_path / "report")

    def run(*arguments: str, **environ: str) -> Finished:
        options = ("--target-profile", profile, "--report", report)
        return run_module("tests.contract", *arguments, *options, **environ)

    return run


def test_compare(command: Callable[..., Finished], blog: Path) -> None:
    """What broke between two dates is judged twice, and shown with the packages."""
    finished = command(
        *("compare", str(blog), "--old", "2024-03-20", "--new", "latest"),
        *("--behaviour", "errors.404-page", "--behaviour", "errors.500-page"),
    )

    assert finished.status == 1, finished.output
    found = finished.data("difference.json")
    assert [row["id"] for row in found["broken"]] == ["errors.404-page"]
    assert {
        "name": "greeter",
        "before": "1.1",
        "after": "2.1",
    } in found["packages"]
    new = finished.data("new/behaviours.json")
    assert [row["again"] for row in new["behaviours"]] == [["failed"], ["passed"]]
    assert "greeter-2.1" in (finished.report / "new" / "pylock.toml").read_text()


def test_compare_with_the_lowest(command: Callable[..., Finished], blog: Path) -> None:
    """Nothing differs between the lower bounds and an earlier day."""
    finished = command(
        *("compare", str(blog), "--old", "lowest", "--new", "2024-03-20,greeter<1.1"),
        *("--behaviour", "start.plain"),
    )

    assert finished.status == 0, finished.output
    assert "No behaviour changed; no package changed." in finished.output


def test_bisect(command: Callable[..., Finished], picky: Path) -> None:
    """The release that broke a behaviour is found by date and package."""
    finished = command(
        *("bisect", str(picky), "--behaviour", "start.plain"),
        *("--good", "2024-01-20", "--bad", "2024-12-31"),
    )

    assert finished.status == 0, finished.output
    result = finished.data("bisect.json")
    assert result["packages"][0] == {"name": "greeter", "before": "1.1", "after": "2.0"}
    assert result["uploaded"] == "2024-07-01T12:00:00+00:00"
    assert result["changelog"] == "https://greeter.invalid/changes"
    assert result["judgements"] <= 8
    assert "start.plain broke with greeter 1.1 -> 2.0, uploaded 2024-07-01" in (
        finished.output
    )
    assert "microblog-check compare --old" in result["repeat"]


def test_bisect_a_local_release(
    command: Callable[..., Finished], blog: Path, tmp_path: Path
) -> None:
    """A local wheel of unknown date is found by its name; start.plain is enough."""
    wheel(tmp_path, "greeter", "1.1.1", {"greeter.py": "STATUS = 1 / 0"})

    finished = command(
        *("bisect", str(blog), "--behaviour", "start.plain"),
        *("--good", "2024-03-20,greeter<1.1.1", "--bad", "polite<2"),
        UV_FIND_LINKS=str(tmp_path),
    )

    assert finished.status == 0, finished.output
    assert "start.plain broke with greeter 1.1 -> 1.1.1" in finished.output


def test_bisect_releases(
    command: Callable[..., Finished], picky: Path, index: PackageIndex
) -> None:
    """The releases between two versions are bisected; those that fail are skipped."""
    index.upload("2024-05-01", "greeter", "1.2", requires=("nowhere",))
    try:
        finished = command(
            *("bisect", str(picky), "--behaviour", "start.plain"),
            *("--good", "greeter==1.0,polite<2", "--bad", "greeter==2.1,polite>1"),
        )
    finally:
        del index.uploads["greeter-1.2-py3-none-any.whl"]

    assert finished.status == 0, finished.output
    result = finished.data("bisect.json")
    assert {"name": "greeter", "before": "1.1", "after": "2.0"} in result["packages"]


def test_bisect_releases_of_two_branches(
    command: Callable[..., Finished], picky: Path, index: PackageIndex
) -> None:
    """Releases are bisected by version: of an older branch there may be newer ones."""
    index.upload("2024-11-01", "greeter", "1.9", "STATUS = 404")
    try:
        finished = command(
            *("bisect", str(picky), "--behaviour", "start.plain"),
            *("--good", "greeter==1.9,polite<2", "--bad", "greeter==2.1,polite>1"),
        )
    finally:
        del index.uploads["greeter-1.9-py3-none-any.whl"]

    assert finished.status == 0, finished.output
    result = finished.data("bisect.json")
    assert {"name": "greeter", "before": "1.9", "after": "2.0"} in result["packages"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "--old", "lowest", "--new", "nothing"], "cannot be installed"),
        (["compare", "--old", "lowest", "--new", "a b"], "'a b' is not a valid SPEC"),
        (["bisect", "--behaviour", "no.no"], "has no behaviour 'no.no'"),
        (["bisect", "--behaviour", "log.file"], "are the same"),
        (
            ["bisect", "--behaviour", "start.plain", "--bad", "greeter==1.1,polite<2"],
            "At the bad end start.plain holds",
        ),
        (
            ["bisect", "--behaviour", "log.file", "--good", "apple==1.0"],
            "At the good end log.file is skipped",
        ),
    ],
)
def test_refused(
    command: Callable[..., Finished], blog: Path, arguments: list[str], message: str
) -> None:
    """What cannot be compared ends the command with one message."""
    if "apple==1.0" in arguments:
        (blog / "app" / "__init__.py").write_text("1 / 0\n")
    ends = ["--good", "lowest", "--bad", "lowest"] if arguments[0] == "bisect" else []

    finished = command(arguments[0], str(blog), *ends, *arguments[1:])

    assert finished.status == 2
    assert message in finished.output


TABLE = """
[[edits.greeter]]
file = "app/errors.py"
find = "from app import app, db"
replace = "from app import app, db\\nimport greeter\\nassert greeter.STATUS > 400"

[[row]]
name = "greeter 2"
source = "https://greeter.invalid"
requirements = ["shared", "greeter"]
old = "greeter==1.1"
new = "greeter==2.0"
package = "greeter"
release = "2"
broken = ["start.plain"]
uses = ["greeter"]
quick = true

[[row]]
name = "another"
source = "https://greeter.invalid"
requirements = ["shared", "greeter"]
old = "greeter==1.1"
new = "nowhere==1"

[[unavailable]]
name = "greeter 0"
reason = "lost"
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of historic breakages, one row of which cannot be had."""
    path = tmp_path / "table.toml"
    path.write_text(TABLE)
    return path


def test_history(run_module: Callable[..., Finished], table: Path) -> None:
    """A row of the table is right, or says what deviates; others say why not."""
    finished = run_module("tests.history", "--table", str(table))

    assert finished.status == 1
    ok, _, wrong, *_ = finished.output.splitlines()
    assert (ok.split()[0], wrong.split()[0]) == ("ok", "WRONG")
    assert "nowhere was not found in the package registry" in finished.output
    assert "no row: greeter 0: lost\n1 of 2 as the table says" in finished.output


def test_history_bisected(run_module: Callable[..., Finished], table: Path) -> None:
    """The release of a row is searched for without a hint."""
    found = run_module("tests.history", "--table", str(table), "--bisect", "--quick")
    table.write_text(TABLE.replace('release = "2"', 'release = "3"'))
    other = run_module("tests.history", "--table", str(table), "--bisect", "greeter")
    none = run_module("tests.history", "--table", str(table), "--bisect", "another")

    assert (found.status, other.status, none.status) == (0, 1, 0)
    assert "greeter 1.1 -> 2.0, 2 judgements" in found.output
    assert "found greeter 1.1 -> 2.0, not greeter 3" in other.output
    assert "nothing broke" in none.output

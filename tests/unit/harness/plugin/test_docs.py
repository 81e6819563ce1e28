"""The page docs/behaviours.md, written from the catalogue and the tests."""

from pathlib import Path

import pytest

from tests.harness.plugin.catalogue import (
    MUST,
    SHOULD,
    Behaviour,
    Introduction,
)
from tests.harness.plugin.docs import Proof, is_asked_of_others, proofs, render, update

STORM = "tests/integration/test_mail_storm.py"
UNIT = "tests/unit/test_storm.py"

SUITE = """
import pytest

CASES = [pytest.param(1, marks=behaviour("not.listed"))]

@behaviour("mail.storm")
@pytest.mark.slow
def test_one():
    behaviour("not.a-decorator")

@own_only
@behaviour("log.file")
@behaviour("log.level")
def test_two(): ...

@pytest.fixture(params=[pytest.param(1, marks=behaviour("pages.keyboard"))])
def window(): ...
"""


def write(root: Path, module: str, text: str = SUITE) -> None:
    """Write a module of a suite."""
    path = root / module
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_proofs_are_read(tmp_path: Path) -> None:
    """The ids of tests and of cases of fixtures are read from the source code."""
    write(tmp_path, STORM)

    assert proofs(tmp_path) == [
        Proof("mail.storm", STORM),
        Proof("log.file", STORM, own_only=True),
        Proof("log.level", STORM, own_only=True),
        Proof("pages.keyboard", STORM),
    ]


@pytest.mark.parametrize("marks", ["own_only", "[pytest.mark.slow, own_only]"])
def test_own_module(tmp_path: Path, marks: str) -> None:
    """A module can be marked as a whole as one that judges our own microblog alone."""
    write(
        *(tmp_path, STORM, f"pytestmark = {marks}\n@behaviour('a.b')\ndef test(): ...")
    )

    assert proofs(tmp_path) == [Proof("a.b", STORM, own_only=True)]


def test_examples_are_no_proofs(tmp_path: Path) -> None:
    """The tests of the suite itself prove no behaviour of the microblog."""
    write(tmp_path, "tests/unit/harness/plugin/test_it.py")
    write(tmp_path, "tests/integration/contract/test_it.py")

    assert proofs(tmp_path) == []


@pytest.mark.parametrize(
    ("proof", "asked"),
    [
        (Proof("mail.storm", STORM), True),
        (Proof("mail.storm", STORM, own_only=True), False),
        (Proof("mail.storm", UNIT), False),
    ],
    ids=["portable", "own", "unit"],
)
def test_asked_of_others(proof: Proof, asked: bool) -> None:
    """A contract run asks the tests of portable modules that are not own_only."""
    assert is_asked_of_others(proof) is asked


def test_page() -> None:
    """The page has the code and a table of each area, and a linked row for each id."""
    page = render(
        [
            Behaviour("mail.storm", SHOULD, "A | <b> is held back.", own_only=True),
            Behaviour("mail.sent", MUST, "There is a mail."),
            Behaviour("log.file", MUST, "There is a file."),
        ],
        {
            "mail": Introduction("Mails.", ("app/__init__.py", "migrations/")),
            "log": Introduction("Logs.", ("app/log.py",)),
        },
        [*[Proof("mail.storm", UNIT)] * 9, Proof("mail.storm", STORM)],
    )

    assert page.count("\n## mail\n\nMails. Code: [\\_\\_init") == 1
    assert "__init__.py), [migrations/](../migrations/)\n\n| id |" in page
    assert page.index("## mail") < page.index("## log")
    assert (
        r"| `mail.storm` | SHOULD, own | A \| &lt;b> is held back. | [mail_storm] |"
        "\n| `mail.sent` | MUST | There is a mail. |  |\n"
    ) in page
    assert page.endswith(f"\n\n[mail_storm]: ../{STORM}\n")


def test_written_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that was just written is up to date."""
    page = tmp_path / "docs" / "behaviours.md"

    written = update(page, "right", check=False)

    assert (written, update(page, "right", check=True)) == (0, 0)
    assert (page.read_text(), capsys.readouterr().err) == ("right", "")


def test_missing_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing page is out of date."""
    assert update(tmp_path / "behaviours.md", "right", check=True) == 1
    assert "is out of date: python -m tests.harness.plugin.docs" in (
        capsys.readouterr().err
    )


def test_outdated_page(tmp_path: Path) -> None:
    """A page with different text is out of date, and a check does not change it."""
    page = tmp_path / "behaviours.md"
    page.write_text("old")

    assert update(page, "right", check=True) == 1
    assert page.read_text() == "old"

"""The catalogue of behaviours, made from the tests."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.plugin.behaviour import MUST, SHOULD, behaviour
from tests.harness.plugin.catalogue import (
    Ambiguous,
    Behaviour,
    collect,
    first_sentence,
    gather,
    render,
    update,
)

pytest_plugins = ["pytester"]


def item(node: str, docstring: str | None, *marks: pytest.MarkDecorator) -> Any:
    """Return what pytest collects for a test with these marks."""
    return SimpleNamespace(
        nodeid=f"tests/test_it.py::{node}",
        obj=SimpleNamespace(__doc__=docstring),
        iter_markers=lambda name: [mark.mark for mark in marks],
    )


STORM = behaviour("mail.storm", SHOULD, source="beyond")


@pytest.mark.parametrize(
    "node", ["test_storm[1]", "test_storm@group", "test_storm[@]@g"]
)
def test_name(node: str) -> None:
    """The name of a test leaves out its parameters and its xdist group."""
    [row] = gather([item(node, "A storm is held back.", STORM)])

    assert row.tests == ["tests/test_it.py::test_storm"]


def test_row() -> None:
    """A row has id, level, source, statement and test of a behaviour."""
    rows = gather([item("test_storm", "A storm is held back.", STORM)])

    assert rows == [
        Behaviour(
            "mail.storm",
            "SHOULD",
            ["beyond"],
            ["A storm is held back."],
            ["tests/test_it.py::test_storm"],
        )
    ]


def test_cases_are_one_test() -> None:
    """The cases of a parametrized test are listed as one test."""
    [row] = gather(item(f"test_it[{case}]", "One.", STORM) for case in "ab")

    assert row.tests == ["tests/test_it.py::test_it"]


def test_several_tests() -> None:
    """A row has the statements of all tests of a behaviour."""
    [row] = gather(item(f"test_{n}", f"{n}.", STORM) for n in ("one", "two"))

    assert row.statements == ["one.", "two."]


def test_test_without_docstring() -> None:
    """A test without a docstring has no statement."""
    [row] = gather([item("test_it", None, behaviour("mail.storm", SHOULD))])

    assert (row.statements, row.sources) == ([], [])


def test_order() -> None:
    """Areas are in the order of the chapter, with unknown ones after them by name."""
    ids = ["zebra.a", "ape.a", "config.a", "mail.b", "mail.a", "accounts.a"]

    rows = gather(item("test_it", "It.", behaviour(one, MUST)) for one in ids)

    assert [row.identity for row in rows] == [
        *("accounts.a", "mail.a", "mail.b", "config.a", "ape.a", "zebra.a")
    ]


def test_two_levels() -> None:
    """Two levels of one behaviour are an error that names both tests."""
    other = item("test_other", "It.", behaviour("mail.storm", MUST))

    with pytest.raises(
        Ambiguous,
        match=r"^mail\.storm is SHOULD in .*test_it and MUST in .*test_other$",
    ):
        gather([item("test_it", "It.", STORM), other])


@pytest.mark.parametrize(
    "docstring", ["One line.", "\n    One\n    line.\n\n    And more.\n"]
)
def test_first_sentence(docstring: str) -> None:
    """The statement of a test is the first paragraph of its docstring, as one line."""
    assert first_sentence(docstring) == "One line."


def test_rendered() -> None:
    """The catalogue has a table for each area, with links to the files of the tests."""
    rows = gather(
        [
            item("test_storm", "A | <b> is held.", STORM),
            item("test_mail", "There is a mail.", behaviour("mail.sent", MUST)),
            item("test_file", "There is a file.", behaviour("log.file", MUST)),
        ]
    )

    text = render(rows)

    assert text.count("## mail") == 1
    assert text.index("## mail") < text.index("## log")
    assert (
        r"| `mail.storm` | SHOULD, own only | A \| &lt;b> is held. | beyond "
        "| [`test_storm`](../tests/test_it.py) |\n"
    ) in text


@pytest.fixture
def suite(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Write a suite of one module."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def write(source: str) -> Path:
        (pytester.path / "tests").mkdir()
        (pytester.path / "tests" / "test_of_a_suite.py").write_text(source)
        return pytester.path

    return write


def test_collected(suite: Callable[[str], Path]) -> None:
    """The tests of a folder are collected without running them."""
    folder = suite("def test_it(): raise SystemExit")

    assert [item.nodeid for item in collect(folder)] == [
        "tests/test_of_a_suite.py::test_it"
    ]


def test_deselected(suite: Callable[[str], Path]) -> None:
    """Deselected tests, such as those of another database, are collected as well."""
    folder = suite("def test_a(): pass\ndef test_b(): pass")
    (folder / "tests" / "conftest.py").write_text(
        "def pytest_collection_modifyitems(items): items.pop()"
    )

    assert [item.name for item in collect(folder)] == ["test_a", "test_b"]


def test_not_collected(suite: Callable[[str], Path]) -> None:
    """The error about a suite that cannot be collected is pytest's output."""
    with pytest.raises(SystemExit, match="no_such_module"):
        collect(suite("import no_such_module"))


def test_written_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A catalogue that was just written is up to date."""
    catalogue = tmp_path / "docs" / "behaviours.md"

    written = update(catalogue, "right", check=False)

    assert (written, update(catalogue, "right", check=True)) == (0, 0)
    assert (catalogue.read_text(), capsys.readouterr().err) == ("right", "")


def test_not_written_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing catalogue is outdated."""
    assert update(tmp_path / "behaviours.md", "right", check=True) == 1
    assert (
        "is outdated: python -m tests.harness.plugin.catalogue"
        in capsys.readouterr().err
    )


def test_outdated(tmp_path: Path) -> None:
    """A catalogue with another text is outdated, and is not changed by a check."""
    catalogue = tmp_path / "behaviours.md"
    catalogue.write_text("old")

    assert update(catalogue, "right", check=True) == 1
    assert catalogue.read_text() == "old"

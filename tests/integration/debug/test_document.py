"""The tables of docs/debug-mode.md."""

from tests.integration.debug.document import DOCUMENT, renewed


def test_tables_are_up_to_date():
    """The tables of docs/debug-mode.md match the parameters of the tests."""
    text = DOCUMENT.read_text("utf-8")

    assert renewed(text) == text

"""Which of the collected tests a worker runs."""

import pytest

from tests.mutation.worker import files_of, requested

COLLECTED = ["a.py::f[1]", "a.py::f[2]", "a.py::g", "a.py::C::h", "b.py::i[a::b]"]


@pytest.mark.parametrize(
    ("tests", "run"),
    [
        (["a.py"], ["a.py::f[1]", "a.py::f[2]", "a.py::g", "a.py::C::h"]),
        (["a.py::C::h", "a.py::f[2]"], ["a.py::C::h", "a.py::f[2]"]),
        (["b.py", "a.py::g"], ["b.py::i[a::b]", "a.py::g"]),
        (["a.py::f[2]", "a.py::f[3]"], ["a.py::f[1]", "a.py::f[2]"]),
        (["b.py::i[other]"], ["b.py::i[a::b]"]),
    ],
    ids=["file", "tests", "order", "parameter-gone", "parameters-changed"],
)
def test_requested(tests: list[str], run: list[str]) -> None:
    """Tests run in the order of the request; with changed parameters, in any case."""
    found = requested(tests, COLLECTED)

    assert sorted(found, key=lambda test: found[test]) == run


def test_files_by_folder() -> None:
    """Files are collected one folder after the other."""
    tests = ["a/b/c.py::f", "a/d.py", "a/b/e.py::g", "a/b/c.py::h", "a/a.py"]

    assert files_of(tests) == ["a/a.py", "a/d.py", "a/b/c.py", "a/b/e.py"]

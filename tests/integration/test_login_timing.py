"""The time of a refused sign-in, which must not reveal who has an account."""

from collections.abc import Callable
from statistics import median
from time import monotonic

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.integration.strategies import by_profile

pytestmark = pytest.mark.slow

TIMES = by_profile(quick=5, thorough=41)


def refusing(visitor: Visitor, name: str) -> Callable[[], float]:
    """Open the form now; return a function that measures a refusal in seconds."""
    form = visitor.form(visitor.open("/login"), "password")

    def refuse() -> float:
        begin = monotonic()
        page = visitor.submit(form, username=name, password="not the password")
        assert page.path == "/login"
        return monotonic() - begin

    return refuse


@behaviour("accounts.login-timing")
@pytest.mark.parametrize("name", ["nobody", "a/b"], ids=["unknown", "impossible"])
def test_unknown_name_takes_as_long(visitor: Visitor, name: str) -> None:
    """Refusing an unknown username takes as long as a wrong password."""
    unknown, wrong = refusing(visitor, name), refusing(visitor, "susan")
    pairs = [(unknown(), wrong()) for _ in range(TIMES)]

    medians = [median(times) for times in zip(*pairs, strict=True)]

    assert 0.5 < medians[0] / medians[1] < 2

"""Steps between two sets of packages."""

from tests.contract.versions.mixtures import Mixture, chain, differing, requirements
from tests.unit.contract.versions.environments_at_hand import environment, package

WERKZEUG_2 = package("werkzeug", "2.3.8")
WERKZEUG_3 = package("werkzeug", "3.0.0", uploaded="2024-03-01")
FLASK_2 = package("flask", "2.3.3", "werkzeug<3,>=2.3")
FLASK_3 = package("flask", "3.0.0", "Werkzeug>=3", uploaded="2024-02-01")
CLICK_7 = package("click", "7.0")
CLICK_8 = package("click", "8.0", uploaded="2024-04-01")


def test_one_at_a_time() -> None:
    """Packages that do not depend on each other move in the order of their uploads."""
    old = environment(CLICK_7, package("wtforms", "2"))
    new = environment(CLICK_8, package("wtforms", "3", uploaded="2024-02-01"))

    assert chain(old, new) == [{"wtforms"}, {"click"}]


def test_dependants_go_with_it() -> None:
    """A package moves with those that accept only its old or its new version."""
    old = environment(WERKZEUG_2, FLASK_2, CLICK_7)
    new = environment(WERKZEUG_3, FLASK_3, CLICK_8)

    assert chain(old, new) == [{"click"}, {"flask", "werkzeug"}]


def test_new_and_gone_packages() -> None:
    """A new requirement comes with what requires it; one that is gone leaves after."""
    old = environment(package("sqlalchemy", "1", "greenlet"), package("greenlet", "3"))
    new = environment(
        package("sqlalchemy", "2", "blinker", "x; extra=='y'", "z; python_version<'3'"),
        package("blinker", "1"),
    )

    assert chain(old, new) == [{"blinker"}, {"sqlalchemy"}, {"greenlet"}]
    assert {*Mixture(old, new, frozenset({"blinker"})).packages} == {
        "sqlalchemy",
        "greenlet",
        "blinker",
    }


def test_interpreter() -> None:
    """An interpreter moves as a package does, and last."""
    old = environment(CLICK_7, python="3.11.7")
    new = environment(CLICK_8, python="3.12.1")

    assert chain(old, new) == [{"click"}, {"python"}]
    moved = Mixture(old, new, frozenset({"python"}))
    assert (moved.base, moved.python) == ("python3.12.1", "3.12.1")
    assert (Mixture(old, new).base, Mixture(old, new).python) == (
        "python3.11.7",
        "3.11.7",
    )


def test_misfits_that_cannot_be_mended() -> None:
    """Requirements that nothing fulfils, or that are unreadable, move nothing."""
    old = environment(package("a", "1", "b>1", "???"), package("b", "1"))
    new = environment(package("a", "2", "b>1"), package("b", "1"))

    assert chain(old, new) == [{"a"}]


def test_unreadable_requirement() -> None:
    """A requirement in old, invalid metadata is ignored."""
    found = requirements(package("a", "1", "b (unknown)", "c>=1"), "3.11.7")

    assert [one.name for one in found] == ["c"]


def test_differing() -> None:
    """Only packages whose versions differ move."""
    old = environment(CLICK_7, FLASK_2)

    assert differing(old, environment(CLICK_8, FLASK_2)) == {"click"}

"""Which errors are identical, and how many of them are mailed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting.ledger import Ledger
from app.reporting.storm import Storm
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock

ERROR = "ValueError posts.py:7"
OTHER = "ValueError posts.py:8"


@pytest.fixture
def storm60(clock: Clock) -> Storm:
    """A storm with windows of a minute, on the test's clock."""
    return Storm(60, clock=clock)


@behaviour("mail.storm")
def test_first_is_mailed(storm60: Storm) -> None:
    """The first of its kind is mailed, with nothing held back."""
    assert storm60.admit(ERROR, "1") == 0


@behaviour("mail.storm")
@pytest.mark.parametrize("seconds", [0, 59.999], ids=["at-once", "just-before"])
def test_held_back_within_the_window(
    storm60: Storm, clock: Clock, seconds: float
) -> None:
    """Another one within the window is held back."""
    storm60.admit(ERROR, "1")
    clock.pass_(seconds)

    assert storm60.admit(ERROR, "2") is None


@behaviour("mail.storm")
def test_next_one_counts(storm60: Storm, clock: Clock) -> None:
    """The first after the window is mailed with the number of those held back."""
    for report in "123":
        storm60.admit(ERROR, report)
    clock.pass_(60)

    assert storm60.admit(ERROR, "4") == 2


@behaviour("mail.storm")
def test_other_kinds_are_mailed(storm60: Storm) -> None:
    """An error of another kind is mailed, whatever rages beside it."""
    storm60.admit(ERROR, "1")

    assert storm60.admit(OTHER, "2") == 0


@behaviour("mail.storm")
def test_no_interval(clock: Clock) -> None:
    """With an interval of 0 every error is mailed."""
    calm = Storm(0, clock=clock)

    assert [calm.admit(ERROR, report) for report in "123"] == [0, 0, 0]


def test_overdue(storm60: Storm, clock: Clock) -> None:
    """When the window ends, the latest report held back is due, with their number."""
    for report in "123":
        storm60.admit(ERROR, report)
    clock.pass_(60)

    assert storm60.overdue() == [(ERROR, "3", 2)]


def test_overdue_kind(storm60: Storm, clock: Clock) -> None:
    """Only of a window that has ended something is due."""
    for kind in (ERROR, ERROR, OTHER, OTHER):
        storm60.admit(kind, kind)
        clock.pass_(10)
    clock.pass_(20)

    assert storm60.overdue() == [(ERROR, ERROR, 1)]


def test_overdue_begins_a_window(storm60: Storm, clock: Clock) -> None:
    """What was overdue is mailed, and so begins a new window."""
    for report in "12":
        storm60.admit(ERROR, report)
    clock.pass_(60)
    storm60.overdue()

    assert storm60.admit(ERROR, "3") is None


def test_not_yet_overdue(storm60: Storm, clock: Clock) -> None:
    """Before the window ends nothing is due."""
    for report in "12":
        storm60.admit(ERROR, report)
    clock.pass_(59.999)

    assert storm60.overdue() == []


def test_windows_are_forgotten(clock: Clock) -> None:
    """A window that ended with nothing held back is forgotten; the others are not."""
    ledger = Ledger()
    storm60 = Storm(60, ledger, clock)
    for kind in (ERROR, OTHER, OTHER):
        storm60.admit(kind, "x")
    clock.pass_(60)
    storm60.admit("another", "x")

    assert set(ledger.update(dict)) == {OTHER, "another"}


def test_clock_set_back(storm60: Storm, clock: Clock) -> None:
    """When the clock is set back, no window lasts any longer for that."""
    storm60.admit(ERROR, "1")
    clock.pass_(-3600)

    assert storm60.admit(ERROR, "2") == 0


@behaviour("mail.storm")
def test_processes_share_a_window(clock: Clock) -> None:
    """What one process mailed, another holds back."""
    ledger = Ledger()
    Storm(60, ledger, clock).admit(ERROR, "1")

    assert Storm(60, ledger, clock).admit(ERROR, "2") is None


@behaviour("mail.storm")
def test_one_process_tells_for_all(clock: Clock) -> None:
    """When the window ends, one process tells how many all of them held back."""
    ledger = Ledger()
    storms = [Storm(60, ledger, clock) for _ in range(3)]
    for storm60 in storms:
        storm60.admit(ERROR, "x")
    clock.pass_(60)

    assert [storm60.overdue() for storm60 in storms] == [[], [(ERROR, "x", 2)], []]


@behaviour("mail.storm")
def test_new_error_tells_for_all(clock: Clock) -> None:
    """A new error after the window tells of what another process held back."""
    ledger = Ledger()
    one, other = Storm(60, ledger, clock), Storm(60, ledger, clock)
    for report in "123":
        one.admit(ERROR, report)
    clock.pass_(60)

    assert other.admit(ERROR, "4") == 2
    assert one.overdue() == []


def test_held_anew(clock: Clock) -> None:
    """What was held back in a window that another process ended is not told again."""
    ledger = Ledger()
    one, other = Storm(60, ledger, clock), Storm(60, ledger, clock)
    for report in "12":
        one.admit(ERROR, report)
    clock.pass_(60)
    other.admit(ERROR, "3")
    one.admit(ERROR, "4")
    clock.pass_(60)

    assert one.overdue() == [(ERROR, "4", 1)]


def test_wait(storm60: Storm, clock: Clock) -> None:
    """The wait is until the first window with something held back ends."""
    for kind in (ERROR, ERROR, OTHER, OTHER):
        storm60.admit(kind, "x")
        clock.pass_(10)

    assert storm60.wait() == 20


def test_wait_is_never_negative(storm60: Storm, clock: Clock) -> None:
    """For what is overdue already nothing is waited."""
    for report in "12":
        storm60.admit(ERROR, report)
    clock.pass_(100)

    assert storm60.wait() == 0


def test_nothing_to_wait_for(storm60: Storm) -> None:
    """With nothing held back there is no end to wait for."""
    storm60.admit(ERROR, "1")

    assert storm60.wait() is None


def test_held(storm60: Storm) -> None:
    """What is held back is counted over all kinds."""
    for kind in (ERROR, ERROR, ERROR, OTHER, OTHER):
        storm60.admit(kind, "x")

    assert storm60.held() == 3


@behaviour("mail.storm")
def test_given_back(storm60: Storm, clock: Clock) -> None:
    """What a mail that failed would have told of counts for the next of its kind."""
    for report in "123":
        storm60.admit(ERROR, report)
    clock.pass_(60)
    [(kind, _, held)] = storm60.overdue()
    storm60.give_back([(kind, held)])
    storm60.admit(ERROR, "4")
    clock.pass_(60)

    assert storm60.overdue() == [(ERROR, "4", 3)]


@behaviour("mail.storm")
def test_given_back_to_others(clock: Clock) -> None:
    """What one process gives back, another tells of, though its window is forgotten."""
    ledger = Ledger()
    one, other = Storm(60, ledger, clock), Storm(60, ledger, clock)
    one.admit(ERROR, "1")
    clock.pass_(60)
    one.admit(OTHER, "2")
    one.give_back([(ERROR, 1)])

    assert other.admit(ERROR, "3") == 1


def test_no_interval_to_give_back_to(clock: Clock) -> None:
    """With an interval of 0 no mail tells of others, and nothing is kept for one."""
    ledger = Ledger()
    Storm(0, ledger, clock).give_back([(ERROR, 1)])

    assert ledger.update(dict) == {}


@behaviour("mail.storm")
@given(
    st.lists(
        st.tuples(st.sampled_from([ERROR, OTHER]), st.floats(0, 100), st.booleans())
    )
)
def test_every_error_is_accounted_for(errors: list[tuple[str, float, bool]]) -> None:
    """Mailed, told of later or still held back: no error is lost or counted twice."""
    clock, ledger = Clock(), Ledger()
    storm60 = Storm(60, ledger, clock)
    told = 0
    times: dict[str, list[float]] = {ERROR: [], OTHER: []}
    for kind, seconds, arrives in errors:
        clock.pass_(seconds)
        mails = [(kind, held) for kind, _, held in storm60.overdue()]
        held_back = storm60.admit(kind, "x")
        if held_back is not None:
            mails.append((kind, held_back + 1))
            times[kind].append(clock.now)
        if arrives:
            told += sum(number for _, number in mails)
        else:
            storm60.give_back(mails)

    left = sum(window.held for window in ledger.update(dict).values())
    assert told + left == len(errors)
    for moments in times.values():
        assert all(b >= a + 60 for a, b in pairwise(moments))  # rounded as windows are

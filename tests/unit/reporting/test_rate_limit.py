"""The fingerprints of errors, and the rate limit on their mails."""

import os
from collections.abc import Callable
from errno import EIO
from io import FileIO
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reporting import rate_limit
from app.reporting.rate_limit import (
    QueuedMail,
    RateLimiter,
    SharedState,
    Window,
    Windows,
    fingerprint,
)
from app.reporting.rotating_file import FileLock
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock, MakeRecord
from tests.unit.reporting.test_rotating_file import room_for

ERROR = "ValueError posts.py:7"
OTHER = "ValueError posts.py:8"
ROOT = "/srv/blog"
LIBRARY = "/lib/orm.py"


# -- fingerprints ---------------------------------------------------------------------


def raised_in(*files: str) -> Exception:
    """Return an exception that was raised through functions of these files."""
    code = "def call(rest):\n if not rest: raise ValueError\n rest[0](rest[1:])"
    functions = []
    for file in files:
        space: dict[str, Callable[..., None]] = {}
        exec(compile(code, file, "exec"), space)
        functions.append(space["call"])
    with pytest.raises(ValueError) as failure:  # noqa: PT011 - it says nothing
        functions[0](functions[1:])
    return failure.value


def test_same_line(make_record: MakeRecord) -> None:
    """Records without an exception are identical if the same line logs them."""
    one, same, other = (
        fingerprint(make_record(message, line=line), ROOT)
        for message, line in (("a", 7), ("b", 7), ("a", 8))
    )

    assert one == same == "/srv/app/posts.py:7"
    assert other != one


def test_no_exception(make_record: MakeRecord) -> None:
    """A record with an empty exc_info has the fingerprint of its line."""
    record = make_record()
    record.exc_info = (None, None, None)

    assert fingerprint(record, ROOT) == "/srv/app/posts.py:7"


def test_exception_never_raised(make_record: MakeRecord) -> None:
    """An exception that was not raised is located where it was logged."""
    record = make_record()
    record.exc_info = (ValueError, ValueError(), None)

    assert fingerprint(record, ROOT) == "ValueError /srv/app/posts.py:7"


def test_type_differs(make_record: MakeRecord) -> None:
    """Exceptions of different types on one line have different fingerprints."""
    errors = (ValueError(), KeyError())

    assert len({fingerprint(make_record(error=one), ROOT) for one in errors}) == 2


def test_text_does_not_matter(make_record: MakeRecord) -> None:
    """The message of an exception is not in its fingerprint."""
    errors = map(ValueError, "ab")

    assert len({fingerprint(make_record(error=one), ROOT) for one in errors}) == 1


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ([LIBRARY, f"{ROOT}/a.py", LIBRARY], f"{ROOT}/a.py:3"),
        ([f"{ROOT}/a.py", f"{ROOT}/b.py"], f"{ROOT}/b.py:2"),
        ([f"{ROOT}/a.py", f"{ROOT}/.venv/site-packages/x.py"], f"{ROOT}/a.py:3"),
        ([f"{ROOT}/a.py", f"{ROOT}/reporting/x.py"], f"{ROOT}/a.py:3"),
        ([f"{ROOT}/a.py", f"{ROOT}/reporting_2.py"], f"{ROOT}/reporting_2.py:2"),
        ([f"{ROOT}-2/a.py", LIBRARY], f"{LIBRARY}:2"),
    ],
    ids=[
        *("library", "own", "virtual-environment", "reporting", "named-alike"),
        "elsewhere",
    ],
)
def test_place(
    make_record: MakeRecord,
    monkeypatch: pytest.MonkeyPatch,
    files: list[str],
    place: str,
) -> None:
    """The place is the application's innermost line, else the library's."""
    monkeypatch.setattr(rate_limit, "_THIS_PACKAGE", f"{ROOT}/reporting/")
    error = raised_in(*files)

    found = fingerprint(make_record(error=error), ROOT)
    assert found == f"ValueError {place}"


def test_place_in_an_installed_application(make_record: MakeRecord) -> None:
    """An application that is installed itself is no library."""
    root = "/site-packages/blog"
    error = raised_in(f"{root}/a.py", LIBRARY)

    assert fingerprint(make_record(error=error), root) == f"ValueError {root}/a.py:3"


def test_this_package() -> None:
    """The package that is not the application's own code is this one."""
    assert f"{Path(rate_limit.__file__).parent}{os.sep}" == rate_limit._THIS_PACKAGE


# -- rate limiter ---------------------------------------------------------------------


@pytest.fixture
def clock(patch_clock: Callable[[ModuleType], Clock]) -> Clock:
    """The clock of the rate limiter."""
    return patch_clock(rate_limit)


@pytest.fixture
def state(tmp_path: Path) -> SharedState:
    """The state that the limiters of a test share."""
    return SharedState(tmp_path / "state.json")


@pytest.fixture
def limiter(clock: Clock, state: SharedState) -> RateLimiter:
    """A limiter with windows of one minute."""
    return RateLimiter(60, state)


@pytest.fixture
def another(clock: Clock, state: SharedState) -> RateLimiter:
    """A limiter of another process with the same state."""
    return RateLimiter(60, state)


def admit(limiter: RateLimiter, report: str = "x", of: str = ERROR) -> QueuedMail:
    """Return the mail that a limiter makes of a report at once."""
    mail = limiter.admit(of, report)
    assert mail is not None
    return mail


@behaviour("mail.storm")
def test_first_is_mailed(limiter: RateLimiter) -> None:
    """The first error is mailed, with nothing held back."""
    assert admit(limiter, "1") == QueuedMail("1", ERROR, window_end=1060)


@behaviour("mail.storm")
@pytest.mark.parametrize("seconds", [0, 59.999], ids=["at-once", "just-before"])
def test_held_back(limiter: RateLimiter, clock: Clock, seconds: float) -> None:
    """An identical error within the window is held back."""
    admit(limiter)
    clock.advance(seconds)

    assert limiter.admit(ERROR, "2") is None


@behaviour("mail.storm")
def test_next_one_counts(limiter: RateLimiter, clock: Clock) -> None:
    """The first error after the window is mailed with the number held back."""
    for report in "123":
        limiter.admit(ERROR, report)
    clock.advance(60)

    mail = admit(limiter, "4")
    assert (mail.held_back, mail.is_latest, mail.errors) == (2, False, 3)
    assert limiter.held_back == 0
    assert limiter.wait() is None


@behaviour("mail.storm")
def test_other_errors_are_mailed(limiter: RateLimiter) -> None:
    """An error with another fingerprint is mailed."""
    admit(limiter)

    assert admit(limiter, of=OTHER).held_back == 0


@behaviour("mail.storm")
def test_no_interval(state: SharedState) -> None:
    """With an interval of 0, every error is mailed and nothing is counted."""
    limiter = RateLimiter(0, state)

    mails = [admit(limiter, report) for report in "123"]
    limiter.release(mails)
    assert [mail.errors for mail in mails] == [1, 1, 1]
    assert contents(state) == {}


def contents(state: SharedState) -> Windows:
    """Return a copy of the windows."""
    with state.windows() as windows:
        return dict(windows)


def test_overdue(limiter: RateLimiter, clock: Clock) -> None:
    """When the window ends, the latest report is mailed with the total."""
    for report in "123":
        limiter.admit(ERROR, report)
    clock.advance(60)

    [mail] = limiter.overdue()
    assert mail == QueuedMail("3", ERROR, 2, is_latest=True, window_end=1120)
    assert mail.errors == 2


def test_overdue_fingerprint(limiter: RateLimiter, clock: Clock) -> None:
    """Only reports whose window has ended are overdue."""
    for error in (ERROR, ERROR, OTHER, OTHER):
        limiter.admit(error, error)
        clock.advance(10)
    clock.advance(20)

    assert [mail.report for mail in limiter.overdue()] == [ERROR]


def test_overdue_opens_a_window(limiter: RateLimiter, clock: Clock) -> None:
    """The mail of overdue reports opens a window."""
    for report in "12":
        limiter.admit(ERROR, report)
    clock.advance(60)
    limiter.overdue()

    assert limiter.admit(ERROR, "3") is None


def test_not_yet_overdue(limiter: RateLimiter, clock: Clock) -> None:
    """No report is overdue before its window ends."""
    for report in "12":
        limiter.admit(ERROR, report)
    clock.advance(59.999)

    assert limiter.overdue() == []


def test_windows_are_forgotten(
    limiter: RateLimiter, clock: Clock, state: SharedState
) -> None:
    """A window that has ended with nothing held back is removed."""
    for error in (ERROR, OTHER, OTHER):
        limiter.admit(error, "x")
    clock.advance(60)
    limiter.admit("another", "x")

    assert set(contents(state)) == {OTHER, "another"}


def test_clock_set_back(limiter: RateLimiter, clock: Clock) -> None:
    """Setting the clock back does not prolong a window."""
    admit(limiter)
    clock.advance(-3600)

    assert admit(limiter).window_end == clock.now + 60


@behaviour("mail.storm")
def test_processes_share_a_window(limiter: RateLimiter, another: RateLimiter) -> None:
    """An error that one process has mailed is held back in another."""
    admit(limiter)

    assert another.admit(ERROR, "2") is None


@behaviour("mail.storm")
def test_one_process_reports_for_all(
    limiter: RateLimiter, another: RateLimiter, state: SharedState, clock: Clock
) -> None:
    """When the window ends, one process mails the number of all processes."""
    limiters = [limiter, another, RateLimiter(60, state)]
    for one in limiters:
        one.admit(ERROR, "x")
    clock.advance(60)

    mails = [one.overdue() for one in limiters]
    assert [[mail.held_back for mail in one] for one in mails] == [[], [2], []]


@behaviour("mail.storm")
def test_new_error_reports_for_all(
    limiter: RateLimiter, another: RateLimiter, clock: Clock
) -> None:
    """The first error after a window counts what other processes held back."""
    for report in "123":
        limiter.admit(ERROR, report)
    clock.advance(60)

    assert admit(another, "4").held_back == 2
    clock.advance(60)
    assert limiter.overdue() == []


def test_held_back_in_the_next_window(
    limiter: RateLimiter, another: RateLimiter, clock: Clock
) -> None:
    """Errors that another process has reported are not reported again."""
    for report in "12":
        limiter.admit(ERROR, report)
    clock.advance(60)
    admit(another, "3")
    limiter.admit(ERROR, "4")

    assert limiter.overdue() == []
    clock.advance(60)
    [mail] = limiter.overdue()
    assert (mail.report, mail.held_back) == ("4", 1)


def test_nothing_held_back(limiter: RateLimiter, tmp_path: Path) -> None:
    """Without an error the shared state is not even created."""
    assert limiter.overdue() == []
    assert list(tmp_path.iterdir()) == []


@behaviour("mail.storm")
def test_state_that_was_lost(
    limiter: RateLimiter, state: SharedState, clock: Clock, tmp_path: Path
) -> None:
    """If the shared state is lost, a failed mail is not tried again too early."""
    limiter.release([admit(limiter)])
    (tmp_path / "state.json").write_text("")

    assert limiter.admit(ERROR, "2") is None
    assert contents(state) == {ERROR: Window(held_back=1)}
    (tmp_path / "state.json").write_text("")
    clock.advance(60)
    assert limiter.overdue() == []


@behaviour("mail.storm")
def test_failure_before_the_clock_was_set_back(
    limiter: RateLimiter, clock: Clock
) -> None:
    """After a mail was delivered, an earlier failure delays no other one."""
    limiter.release([admit(limiter)])
    clock.advance(60)
    admit(limiter)
    clock.advance(-50)

    admit(limiter)


def test_wait(limiter: RateLimiter, clock: Clock) -> None:
    """The wait lasts until the first window with held-back errors ends."""
    for error in (ERROR, ERROR, OTHER, OTHER):
        limiter.admit(error, "x")
        clock.advance(10)

    assert limiter.wait() == 20


def test_wait_is_never_negative(limiter: RateLimiter, clock: Clock) -> None:
    """Overdue reports need no wait."""
    for report in "12":
        limiter.admit(ERROR, report)
    clock.advance(100)

    assert limiter.wait() == 0


def test_nothing_to_wait_for(limiter: RateLimiter) -> None:
    """Without held-back errors, there is nothing to wait for."""
    admit(limiter)

    assert limiter.wait() is None


def test_number(limiter: RateLimiter) -> None:
    """Held-back errors are counted over all fingerprints."""
    for error in (ERROR, ERROR, ERROR, OTHER, OTHER):
        limiter.admit(error, "x")

    assert limiter.held_back == 3


@behaviour("mail.storm")
@behaviour("mail.failure-is-logged")
def test_failed_mail_is_not_a_sent_one(
    limiter: RateLimiter, another: RateLimiter
) -> None:
    """An error whose mail failed is counted in another process's next mail."""
    limiter.release([admit(limiter)])

    assert admit(another).held_back == 1


@behaviour("mail.storm")
def test_one_attempt_per_window(limiter: RateLimiter, clock: Clock) -> None:
    """A process whose mail failed tries again when the window ends."""
    limiter.release([admit(limiter)])

    assert limiter.admit(ERROR, "2") is None
    clock.advance(60)
    [mail] = limiter.overdue()
    assert (mail.report, mail.held_back) == ("2", 2)


@behaviour("mail.storm")
def test_failed_while_another_was_sent(
    limiter: RateLimiter, another: RateLimiter, clock: Clock
) -> None:
    """A process whose mail failed is silent while another one's window lasts."""
    limiter.release([admit(limiter)])
    limiter.admit(ERROR, "2")
    clock.advance(30)
    admit(another)
    clock.advance(30)

    assert limiter.overdue() == []
    assert limiter.admit(ERROR, "3") is None


@behaviour("mail.storm")
def test_failed_after_another_was_sent(
    limiter: RateLimiter, another: RateLimiter, clock: Clock
) -> None:
    """A mail that fails late does not end a later window of another process."""
    mail = admit(limiter)
    clock.advance(60)
    admit(another)
    limiter.release([mail])

    assert another.admit(ERROR, "2") is None


@behaviour("mail.storm")
def test_released_after_the_window_was_forgotten(
    limiter: RateLimiter, another: RateLimiter, clock: Clock
) -> None:
    """Errors of a failed mail are counted even if the window was removed."""
    mail = admit(limiter)
    clock.advance(60)
    admit(limiter, of=OTHER)
    limiter.release([mail])

    assert admit(another).held_back == 1


@behaviour("mail.storm")
@given(
    st.lists(
        st.tuples(st.sampled_from([ERROR, OTHER]), st.floats(0, 100), st.booleans())
    ),
    st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_error_is_accounted_for(
    monkeypatch: pytest.MonkeyPatch,
    errors: list[tuple[str, float, bool]],
    data: st.DataObject,
) -> None:
    """Two processes count each error once, and send one mail per window."""
    clock = Clock()
    monkeypatch.setattr(rate_limit, "time", clock)
    state = SharedState("/dev/null/in-memory")
    limiters = [RateLimiter(60, state), RateLimiter(60, state)]
    reported = 0
    times: dict[str, list[float]] = {ERROR: [], OTHER: []}
    for error, seconds, arrives in errors:
        clock.advance(seconds)
        limiter = data.draw(st.sampled_from(limiters))
        mails = limiter.overdue()
        if mail := limiter.admit(error, "x"):
            mails.append(mail)
        if arrives:
            reported += sum(mail.errors for mail in mails)
            for mail in mails:
                times[mail.fingerprint].append(clock.now)
        else:
            limiter.release(mails)

    left = sum(window.held_back for window in contents(state).values())
    assert reported + left == len(errors)
    for moments in times.values():
        assert all(b >= a + 60 for a, b in pairwise(moments))  # rounded as windows are


# -- shared state ---------------------------------------------------------------------

WINDOWS = {"ValueError grün:7": Window(1000.25, 3), "other": Window(2000.5)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the state."""
    return tmp_path / "logs" / "state.json"


def store(state: SharedState) -> None:
    """Store some windows."""
    with state.windows() as windows:
        windows.update(WINDOWS)


@behaviour("mail.storm")
def test_shared(path: Path) -> None:
    """A process reads the state that another one stored."""
    store(SharedState(path))

    assert contents(SharedState(path)) == WINDOWS


def test_rewritten(path: Path) -> None:
    """A removed window is no longer stored."""
    store(SharedState(path))
    with SharedState(path).windows() as windows:
        del windows["other"]

    assert set(contents(SharedState(path))) == {"ValueError grün:7"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"a": 1}', '{"a": [1, 2, 3]}', "\x00\x00"],
    ids=["empty", "torn", "list", "number", "numbers", "nul"],
)
def test_damaged(path: Path, text: str) -> None:
    """An unreadable state is replaced."""
    path.parent.mkdir()
    path.write_text(text)
    state = SharedState(path)

    assert contents(state) == {}
    store(state)
    assert contents(SharedState(path)) == WINDOWS


def test_unreadable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that cannot be read is replaced."""

    class Broken(FileIO):
        """A file on a disk that is failing."""

        def readall(self) -> bytes:
            """Fail."""
            raise OSError(EIO, "Input/output error")

    store(SharedState(path))
    with monkeypatch.context() as patch:
        patch.setattr(rate_limit, "open_file", Broken)
        assert contents(SharedState(path)) == {}

    assert contents(SharedState(path)) == {}


@behaviour("log.unwritable")
def test_in_memory(path: Path) -> None:
    """If the file cannot be opened, the state is in memory and is stored later."""
    path.parent.write_text("a file in place of the folder")
    state = SharedState(path)
    store(state)

    assert contents(state) == WINDOWS
    path.parent.unlink()
    contents(state)
    assert contents(SharedState(path)) == WINDOWS


@behaviour("log.disk-full")
@pytest.mark.parametrize("room", [0, 10], ids=["none", "little"])
def test_disk_full(path: Path, room: int) -> None:
    """On a full disk, the state is in memory."""
    state = SharedState(path)
    with room_for(room):
        store(state)

    assert contents(state) == WINDOWS


@behaviour("log.locked")
def test_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If another process holds the file, the state is in memory."""
    monkeypatch.setattr("app.reporting.rotating_file.LOCK_TIMEOUT", 0)
    path.parent.mkdir()
    state = SharedState(path)
    with FileIO(path, "a") as held:
        FileLock().acquire(held.fileno())
        store(state)
        assert contents(state) == WINDOWS
        assert path.read_bytes() == b""

    contents(state)
    assert contents(SharedState(path)) == WINDOWS


@behaviour("mail.storm")
def test_fork(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process forked inside the lock does not keep it."""
    monkeypatch.setattr("app.reporting.rotating_file.LOCK_TIMEOUT", 0)
    inherited: list[int] = []
    acquire = FileLock.acquire

    def acquire_and_fork(lock: FileLock, descriptor: int) -> None:
        acquire(lock, descriptor)
        inherited.append(os.dup(descriptor))

    with monkeypatch.context() as patch:
        patch.setattr(FileLock, "acquire", acquire_and_fork)
        store(SharedState(path))

    assert contents(SharedState(path)) == WINDOWS
    os.close(inherited[0])


def test_not_a_file(path: Path) -> None:
    """If the file is a folder, the state is in memory."""
    path.mkdir(parents=True)
    state = SharedState(path)
    store(state)

    assert contents(state) == WINDOWS


def test_device() -> None:
    """A device that stores nothing is an empty state."""
    store(SharedState("/dev/null"))

    assert contents(SharedState("/dev/null")) == {}

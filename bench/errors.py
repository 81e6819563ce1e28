"""The time of an error page while the mail server works, fails or is slow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import mean, median
from time import sleep

from bench.load import request, seconds
from bench.serving import serving
from bench.table import Table
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import dripping, silent
from tests.harness.server.launcher import mail_settings
from tests.harness.server.site import Site

APP = "bench.erring:app"
AT_ONCE = 20  # requests, each of which finds a thread that is free
BOUND = 1.2
#: A refused worker tries the next mail at once, which takes time from the requests.
WORK = "refused"
PAUSE = 0.15  # seconds for the logging and mailing after a burst
WITHIN = 300  # seconds: standard handlers wait for a silent server one by one

OURS, STANDARD = "this application", "standard handlers"
#: The settings and the number of turns; one turn of standard handlers takes a minute.
SUBJECTS: dict[str, tuple[dict[str, str], int]] = {
    OURS: ({}, 15),
    STANDARD: ({"BENCH_STANDARD": "1"}, 1),
}
WORKING = "working"
MOODS: dict[str, Callable[[], Mailbox]] = {
    WORKING: Mailbox,
    "refused": lambda: Mailbox(refuses=True),
    "silent": lambda: Mailbox(misbehaviour=silent()),
    "dripping": lambda: Mailbox(misbehaviour=dripping(0.01)),
}


@dataclass(frozen=True)
class Burst:
    """The seconds of simultaneous failing requests, or a ratio of them."""

    median: float
    slowest: float

    def over(self, working: "Burst") -> "Burst":
        """Return the ratio to a burst with a working mail server."""
        return Burst(self.median / working.median, self.slowest / working.slowest)


def merged(bursts: list[Burst], by: Callable[[list[float]], float]) -> Burst:
    """Return one burst that summarizes several."""
    return Burst(
        by([one.median for one in bursts]), by([one.slowest for one in bursts])
    )


def burst(site: Site, path: str = "/fail", status: int = 500) -> Burst:
    """Make simultaneous requests that are answered with a status."""
    sent = request(site.url, site.visitor(), path)
    ask = partial(seconds, site.url, status=status, within=WITHIN)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = sorted(pool.map(ask, [sent] * AT_ONCE))
    sleep(PAUSE)
    return Burst(median(taken), taken[-1])


def turn(sites: dict[str, Site]) -> dict[str, tuple[Burst, Burst]]:
    """Return a burst for each mood, and its ratio to the bursts before and after.

    Those are with a working mail server, so that other load affects both alike.
    """
    before = burst(sites[WORKING])
    found = {WORKING: (before, Burst(1, 1))}
    for mood, site in sites.items():
        if mood != WORKING:
            failing, after = burst(site), burst(sites[WORKING])
            found[mood] = failing, failing.over(merged([before, after], mean))
            before = after
    return found


def bursts(settings: dict[str, str], turns: int) -> dict[str, tuple[Burst, Burst]]:
    """Return the medians of several turns for each mood."""
    with ExitStack() as stack:
        sites = {}
        for mood, mailbox in MOODS.items():
            env = {**mail_settings(stack.enter_context(mailbox())), **settings}
            sites[mood] = stack.enter_context(serving(APP, threads=AT_ONCE, env=env))
            burst(sites[mood], "/nope", 404)  # starts the threads
        found = [turn(sites) for _ in range(turns)]
        for site in sites.values():
            site.kill()  # without waiting for queued mail
    return {
        mood: (
            merged([one[mood][0] for one in found], median),
            merged([one[mood][1] for one in found], median),
        )
        for mood in MOODS
    }


def measure() -> Table:
    """Measure error pages by the state of the mail server."""
    found = {name: bursts(*how) for name, how in SUBJECTS.items()}
    return Table(
        f"A page that fails, {AT_ONCE} at once, by the state of the mail server",
        (
            "reports by",
            "mail server",
            "median",
            "slowest",
            "to a working one",
            "to ours",
        ),
        [
            (
                name,
                mood,
                f"{taken.median * 1e3:,.0f} ms",
                f"{taken.slowest * 1e3:,.0f} ms",
                f"{ratio.median:.2f}, {ratio.slowest:.2f}",
                f"{taken.median / found[OURS][mood][0].median:,.1f}",
            )
            for name in SUBJECTS
            for mood, (taken, ratio) in found[name].items()
        ],
        f"this application takes at most {BOUND} times as long as with a working one,"
        f" the slowest request, too (but for {WORK})",
        all(
            ratio.median <= BOUND and (ratio.slowest <= BOUND or mood == WORK)
            for mood, (_, ratio) in found[OURS].items()
        ),
    )

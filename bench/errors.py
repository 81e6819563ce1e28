"""What an error costs the visitors who meet it, whatever the mail server does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from time import perf_counter

import requests

from bench.serving import serving
from bench.table import Table
from tests.harness.launcher import mail_settings
from tests.harness.mailbox import Mailbox
from tests.harness.misbehaviour import dripping, silent
from tests.harness.site import Site

APP = "bench.erring:app"
BOUND = 1.2
TURNS = {20: 10, 2: 2}  # by requests at once

OURS, STANDARD = "this application", "standard handlers"
#: Their settings, and how many requests are made at once: standard handlers make each
#: of them wait for seconds.
SUBJECTS: dict[str, tuple[dict[str, str], int]] = {
    OURS: ({}, 20),
    STANDARD: ({"BENCH_STANDARD": "1"}, 2),
}
MOODS: dict[str, Callable[[], Mailbox]] = {
    "working": Mailbox,
    "refused": lambda: Mailbox(refuses=True),
    "silent": lambda: Mailbox(misbehaviour=silent()),
    "dripping": lambda: Mailbox(misbehaviour=dripping(0.02)),
}


def seconds(url: str) -> float:
    """How long the error page takes."""
    begin = perf_counter()
    status = requests.get(url, timeout=120).status_code
    assert status == 500, status
    return perf_counter() - begin


def at_once(site: Site, count: int) -> float:
    """The median time of so many failing requests at once."""
    with ThreadPoolExecutor(count) as pool:
        return median(pool.map(seconds, [f"{site.url}/fail"] * count))


def times(settings: dict[str, str], count: int) -> dict[str, float]:
    """Seconds by the mood of the mail server.

    They are asked in turn: a busy machine is busy for all.
    """
    found: dict[str, list[float]] = {mood: [] for mood in MOODS}
    with ExitStack() as stack:
        mailboxes = {
            mood: stack.enter_context(mailbox()) for mood, mailbox in MOODS.items()
        }
        sites = {
            mood: stack.enter_context(
                serving(APP, env={**mail_settings(mailbox), **settings})
            )
            for mood, mailbox in mailboxes.items()
        }
        for _ in range(TURNS[count]):
            for mood, site in sites.items():
                found[mood].append(at_once(site, count))
        for site in sites.values():
            site.kill()  # mail that waits is not waited for
    return {mood: median(taken) for mood, taken in found.items()}


def measure() -> Table:
    """The time of an error page by the state of the mail server."""
    found = {name: times(*how) for name, how in SUBJECTS.items()}
    return Table(
        "A page that fails: median time, by the state of the mail server",
        ("reports by", "mail server", "at once", "time", "to a working one"),
        [
            (
                name,
                mood,
                str(SUBJECTS[name][1]),
                f"{taken * 1e3:.0f} ms",
                f"{taken / found[name]['working']:.2f}",
            )
            for name in SUBJECTS
            for mood, taken in found[name].items()
        ],
        f"this application takes at most {BOUND} times as long as with a working one",
        max(found[OURS].values()) <= BOUND * found[OURS]["working"],
    )

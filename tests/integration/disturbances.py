"""What happens to a site in production, and how the site is found afterwards."""

import os
import random
import resource
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.harness.http.page import PageFailed
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import Misbehaviour, silent
from tests.harness.server.site import Site
from tests.harness.waiting import eventually
from tests.integration.load import Load
from tests.integration.shifted_clock import clock_disturbances

WORKERS = 4
VISITORS = 4
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

Disturbance = Callable[[], None]
"""Disturbs a site for a while, and ends that."""


class Operations:
    """A site under load whose disk, log, mail server and processes are disturbed."""

    def __init__(self, site: Site, mailbox: Mailbox) -> None:
        self.site = site
        self.load = Load(site, VISITORS)
        self._mailbox = mailbox
        self._log = site.log.directory
        self._moved = self._log.with_name("moved-log")

    def run(self, disturbances: Sequence[Disturbance], seconds: float) -> str:
        """Disturb the site, in random order, and return the figures.

        Each disturbance is made at least once. After each, the site has to work again
        within the deadline.
        """
        end = time.monotonic() + seconds
        made: Counter[str] = Counter()
        slowest = (0.0, "")
        everything = (
            *(self.move_log, self.replace_log, self.fill_disk),
            *(self.break_mail, self.silence_mail, self.kill_worker),
            *clock_disturbances(self.site, self.load),
            *disturbances,
        )
        with self.load.running():
            while not made or time.monotonic() < end:
                for disturb in random.sample(everything, len(everything)):
                    self.load.go_on(20)
                    disturb()
                    made[disturb.__name__] += 1
                    began = time.monotonic()
                    eventually(self._is_well, within=20, what=f"the site, {made}")
                    taken = time.monotonic() - began
                    slowest = max(slowest, (taken, disturb.__name__))
        statuses = dict(sorted(self.load.statuses.items()))
        return (
            f"{self.load.answers} answers, {statuses}, {self.load.broken} connections"
            f" broken; {len(self.load.confirmed)} posts confirmed; {made.total()}"
            f" disturbances {dict(sorted(made.items()))}; all works again within"
            f" {slowest[0]:.1f} s ({slowest[1]})"
        )

    def _is_well(self) -> bool:
        """Return whether a new post is shown, and an error logged."""
        text = f"well at {time.monotonic()}"
        found = ""
        # A file of the log may just have been renamed.
        with suppress(PageFailed, FileNotFoundError):
            found = self.site.member("susan").write(text).text
            self.site.fail(text)
            found = found if text in self.site.log.text else ""
        return text in found

    def workers(self) -> set[int]:
        """Return the process ids of the workers that run now."""
        pid = self.site.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return {int(child) for child in children.split()}

    def move_log(self) -> None:
        """Move the folder of the log away; the site makes another one."""
        shutil.rmtree(self._moved, ignore_errors=True)
        self._log.rename(self._moved)
        self.load.go_on(20)

    def replace_log(self) -> None:
        """Put a file where the folder of the log was."""
        shutil.rmtree(self._moved, ignore_errors=True)
        fresh = self._log.with_name("file")
        fresh.touch()
        self._log.rename(self._moved)
        # The site may have made a new folder in between.
        shutil.rmtree(self._log, ignore_errors=True)
        fresh.replace(self._log)
        self.load.go_on(20)
        self._log.unlink()

    def fill_disk(self) -> None:
        """Let no worker write to a file."""
        workers = self.workers()
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        self.load.go_on(20)
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, UNLIMITED)

    def break_mail(self) -> None:
        """Let the mail server refuse all mail."""
        self._mailbox.misbehave(Misbehaviour(reply="554 no"))
        self.load.go_on(20)
        self._mailbox.misbehave(None)

    def silence_mail(self) -> None:
        """Let the mail server accept connections and say nothing."""
        self._mailbox.misbehave(silent())
        self.load.go_on(20)
        self._mailbox.misbehave(None)

    def kill_worker(self) -> None:
        """Kill a worker in the middle of whatever it does."""
        os.kill(random.choice(sorted(self.workers())), signal.SIGKILL)
        self.load.go_on(20)

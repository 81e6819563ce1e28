"""Visitors who read and write all the time, and what was confirmed to them."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import requests

from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

UNEXPECTED = "An unexpected error has occurred"


class Load:
    """The requests of several visitors at once, each in a thread of its own.

    Attributes:
        confirmed: The text of each post whose writer was redirected to the home page.
        statuses: How many pages had each status.
        foreign: The pages that are not the site's own.
        broken: How many connections were broken, as by a killed process.
    """

    def __init__(self, site: Site, visitors: int) -> None:
        self.confirmed: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.foreign: list[Page] = []
        self.broken = 0
        members = [site.member("susan"), site.member("john")]
        self._visitors = [members[number % 2] for number in range(visitors)]
        # They are opened before anything is lost, and valid as long as their session.
        self._forms = {one.username: one.form(one.home(), "text") for one in members}
        sitemap = site.sitemap
        self._paths = (
            *(sitemap.home, sitemap.profile("susan"), sitemap.login, "/nope"),
            site.probe.raising("under load"),
        )
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the visitors read and write while the block runs."""
        with ThreadPoolExecutor(len(self._visitors)) as pool:
            threads = [pool.submit(self._stay, one) for one in self._visitors]
            try:
                yield
            finally:
                self._ended.set()
        for thread in threads:
            thread.result()

    def go_on(self, requests: int) -> None:
        """Wait until the visitors have got so many more answers."""
        end = self.answers + requests
        eventually(lambda: self.answers >= end, within=60, what="more answers")

    @property
    def answers(self) -> int:
        """How many requests have ended."""
        return self.statuses.total() + self.broken

    def _stay(self, visitor: Visitor) -> None:
        """Write and read in turn until the end.

        Each time with the first cookies: a later one is refused after the clock was set
        back, as one from the future.
        """
        while not self._ended.is_set():
            for act in (self._write, self._read):
                is_answered = False
                with suppress(requests.RequestException), visitor.copy() as twin:
                    self._note(act(twin))
                    is_answered = True
                with self._lock:
                    self.broken += not is_answered

    def _read(self, visitor: Visitor) -> Page:
        return visitor.open(random.choice(self._paths))

    def _write(self, visitor: Visitor) -> Page:
        text = f"post {next(self._numbers)}."
        page = visitor.submit(self._forms[visitor.username], text=text)
        # It is confirmed even if the page that the redirect leads to is an error page.
        if page.redirects and page.redirects[0].location == visitor.sitemap.home:
            self.confirmed.append(text)
        return page

    def _note(self, page: Page) -> None:
        title = page.soup.title
        is_own = title is not None and title.get_text().endswith(" - Microblog")
        is_expected = page.status < 500 or page.heading == UNEXPECTED
        with self._lock:
            self.statuses[page.status] += 1
            self.foreign += [] if is_own and is_expected else [page]

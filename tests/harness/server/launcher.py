"""Starts sites for tests: some for one test, and some that tests share."""

import itertools
import shutil
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.harness.capabilities import require_gunicorn
from tests.harness.database.stores import Store
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.service import (
    NotStarted,
    ServerCommand,
    flask_server,
    gunicorn_server,
)
from tests.harness.server.site import Members, Site
from tests.harness.target.target import ADMINS, Target
from tests.harness.target.workplace import Workplace


class Launcher:
    """Starts sites of one target, in folders below *scratch*."""

    def __init__(self, target: Target, store: Store, scratch: Path) -> None:
        self.target = target
        self._store = store
        self._scratch = scratch
        self._numbers = itertools.count(1)
        self._shared: dict[object, Site] = {}
        self._known_members: dict[str, Members] = {}
        self._unstartable: dict[str, NotStarted] = {}
        #: The sites that were handed out last, and when (of time.time()).
        self.recent: deque[tuple[float, Site]] = deque(maxlen=20)
        self._stack = ExitStack()
        # Ending a site takes half as long as starting it, and no test waits for it.
        self._enders = ThreadPoolExecutor(4)
        self._ending: list[Future[None]] = []

    @contextmanager
    def launch(
        self,
        *,
        env: Mapping[str, str] | None = None,
        mail: Mailbox | None = None,
        debug: bool = False,
        workers: int | None = None,
        probed: bool = True,
        arguments: tuple[str, ...] = (),
        server: ServerCommand | None = None,
        cwd: Path | None = None,
    ) -> Iterator[Site]:
        """Start a site that ends with the block.

        Args:
            env: Environment variables that take precedence over all others.
            mail: Where the site mails errors; by default no mail server is configured.
            debug: Set FLASK_DEBUG=1.
            workers: Serve with gunicorn and this many workers, not with ``flask run``.
            probed: Put the probe into the process.
            arguments: Further arguments of the server.
            server: Another command that serves.
            cwd: The current directory, by default the copy of the target.
        """
        if workers is not None and not self.target.is_own:
            require_gunicorn(self.target.python)
        folder = self._scratch / f"site-{next(self._numbers)}"
        workplace = Workplace.prepare(self.target, folder)
        url = self._store.new(folder)
        settings = {
            "DATABASE_URL": url,
            **({"FLASK_DEBUG": "1"} if debug else {}),
            **(mail_settings(mail) if mail else {}),
            **(env or {}),
        }
        site = Site(
            workplace=workplace,
            server=server
            or (
                flask_server(*arguments)
                if workers is None
                else gunicorn_server(workers, *arguments)
            ),
            env=settings,
            mailbox=mail,
            probed=probed,
            cwd=cwd,
            known_members=self._known_members,
        )
        try:
            site.start()
            self.recent.append((time.time(), site))
            yield site
        finally:
            self._ending.append(self._enders.submit(self._end, site, url))

    def _end(self, site: Site, url: str) -> None:
        """End a site, and remove its database and its folder."""
        site.close()
        self._store.drop(url)
        shutil.rmtree(site.folder, ignore_errors=True)

    def shared(
        self, *, mail: bool = True, workers: int | None = None, **env: str
    ) -> Site:
        """Return a running, reset site of this configuration, which tests share.

        Args:
            mail: Whether errors are mailed, to a mailbox of the site's own.
            workers: As in `launch`.
            env: Environment variables.
        """
        key = (mail, workers, *sorted(env.items()))
        site = self._shared.get(key)
        if site is None or not site.running:
            mailbox = self._stack.enter_context(Mailbox()) if mail else None
            site = self._stack.enter_context(
                self.launch(mail=mailbox, workers=workers, env=env)
            )
            self._shared[key] = site
        self.recent.append((time.time(), site))
        site.reset()
        return site

    def default(self) -> Site:
        """Return the shared site for most tests, which mails errors.

        If another implementation does not start like that, it is judged without mail
        or else in debug mode, as another test judges how it starts.
        """
        if self.target.is_own:
            return self.shared()
        for options in ({}, {"mail": False}, {"mail": False, "FLASK_DEBUG": "1"}):
            with suppress(NotStarted):
                return self._shared_once(**options)
        raise NotStarted("the target starts in no way: no debug, no mail, both")

    def _shared_once(self, **options: Any) -> Site:
        """Return a shared site, without another try if it did not start before."""
        key = repr(options)
        if key in self._unstartable:
            raise self._unstartable[key]
        try:
            return self.shared(**options)
        except NotStarted as error:
            self._unstartable[key] = error
            raise

    def close(self) -> None:
        """End the shared sites, and wait until all sites have ended."""
        with self._enders:
            self._stack.close()
            for ending in self._ending:
                ending.result()


def mail_settings(mail: Mailbox) -> dict[str, str]:
    """Return the settings that send each error to *mail* at once."""
    return {**mail.settings, "ADMINS": ",".join(ADMINS), "MAIL_INTERVAL": "0"}

"""Starts sites for tests: own ones, and ones that tests share."""

import itertools
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.harness.database.stores import Store
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.service import (
    NotStarted,
    ServerCommand,
    flask_server,
    gunicorn_server,
    require_gunicorn,
)
from tests.harness.server.site import Members, Site
from tests.harness.target.target import ADMINS, Target
from tests.harness.target.workplace import Workplace


class Launcher:
    """
    Starts sites of one target.

    :param scratch: a folder for all their folders
    """

    def __init__(self, target: Target, store: Store, scratch: Path) -> None:
        self.target = target
        self._store = store
        self._scratch = scratch
        self._numbers = itertools.count(1)
        self._shared: dict[object, Site] = {}
        self._known_members: dict[str, Members] = {}
        self._unstartable: dict[str, NotStarted] = {}
        self._stack = ExitStack()
        # A process takes half as long to end as to start: nobody waits for that.
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
        """
        Start a site of its own, which ends with the block.

        :param env: environment variables, on top of everything else
        :param mail: where its errors go; None: no mail server is configured
        :param debug: FLASK_DEBUG=1
        :param workers: serve with gunicorn and that many workers; None: ``flask run``
        :param probed: False leaves the process as the target alone makes it
        :param arguments: more arguments of the server
        :param server: another program that serves; None: one of these two
        :param cwd: the current directory; None: the copy of the target
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
            known=self._known_members,
        )
        try:
            site.start()
            yield site
        finally:
            self._ending.append(self._enders.submit(self._end, site, url))

    def _end(self, site: Site, url: str) -> None:
        """End a site, and remove all that it leaves, its database *url* too."""
        site.close()
        self._store.drop(url)
        shutil.rmtree(site.folder, ignore_errors=True)

    def shared(
        self, *, mail: bool = True, workers: int | None = None, **env: str
    ) -> Site:
        """
        Return a running site with this configuration, reset; tests share it.

        :param mail: whether errors are mailed, to a mailbox of its own
        :param workers: as in :meth:`launch`
        :param env: environment variables
        """
        key = (mail, workers, *sorted(env.items()))
        site = self._shared.get(key)
        if site is None or not site.running:
            mailbox = self._stack.enter_context(Mailbox()) if mail else None
            site = self._stack.enter_context(
                self.launch(mail=mailbox, workers=workers, env=env)
            )
            self._shared[key] = site
        site.reset()
        return site

    def default(self) -> Site:
        """
        Return the shared site on which most is judged: errors are mailed.

        Where another implementation does not start like that, it is judged without
        mail or, failing that, in debug mode: that one way of starting has a verdict
        of its own.
        """
        if self.target.is_own:
            return self.shared()
        for options in ({}, {"mail": False}, {"mail": False, "FLASK_DEBUG": "1"}):
            with suppress(NotStarted):
                return self._once(**options)
        raise NotStarted("the target starts in no way: no debug, no mail, both")

    def _once(self, **options: Any) -> Site:
        """Return a shared site; what did not start before is not tried again."""
        key = repr(options)
        if key in self._unstartable:
            raise self._unstartable[key]
        try:
            return self.shared(**options)
        except NotStarted as error:
            self._unstartable[key] = error
            raise

    def close(self) -> None:
        """End the shared sites, and wait for the end of all."""
        with self._enders:
            self._stack.close()
            for ending in self._ending:
                ending.result()


def mail_settings(mail: Mailbox) -> dict[str, str]:
    """Return the settings by which errors go to *mail*, each one at once."""
    return {**mail.settings, "ADMINS": ",".join(ADMINS), "MAIL_INTERVAL": "0"}

"""A running implementation: its address, visitors, mailbox, log and faults."""

import contextlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.harness.capabilities import NotOffered
from tests.harness.database.users import Users
from tests.harness.http.page import Page
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.harness.logs.files import LogFiles
from tests.harness.logs.records import Record, line_pattern
from tests.harness.logs.secret_scanner import SECRETS, SecretScanner
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.probe.client import ProbeError
from tests.harness.server.service import NotStarted, Service
from tests.harness.waiting import DEADLINE, DeadlineExceeded

#: The two who are there from the start.
MEMBERS = ("susan", "john")
FENCE = "harness fence"
#: Seconds to wait for a mail where an earlier one did not come.
SHORT = 0.2


@dataclass(frozen=True)
class Members:
    """Who registered: all that was stored of each, and browsers that know them."""

    stored: list[dict[str, Any]]
    browsers: dict[str, Visitor]


@dataclass
class Site(Service):
    """
    One implementation that runs, its people, and what comes of its errors.

    :param mailbox: where its errors are mailed; None: nowhere
    :param known: the members of earlier sites, which new ones share, by the secret
        key that their cookies are signed with
    """

    mailbox: Mailbox | None = None
    known: dict[str, Members] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log = self._log_files()
        self.users = Users(self.probe, self.workplace.target.user_table)
        #: Whether an error was logged and no mail of it came.
        self.mails_nothing = not self.workplace.target.mails
        self._visitors: list[Visitor] = []
        self._members: dict[str, Visitor] = {}
        if self.workplace.target.is_own:
            self.guard(SECRETS)

    def guard(self, secrets: SecretScanner) -> None:
        """Have every mail of this site and all of its log looked through."""
        name = self.folder.name
        secrets.keep_fields("the setting", self.settings.items())
        self.log.on_forget = lambda text: secrets.look_through(
            f"the log of {name}", text
        )
        if self.mailbox is not None:
            self.mailbox.on_mail = lambda mail: secrets.look_through(
                f"a mail of {name}", f"{mail.content.decode('latin-1')}\n{mail.text}"
            )

    def _log_files(self) -> LogFiles:
        place = self.workplace.target.log
        path = self.code / place.path
        files = LogFiles(path.parent, path.name, line_pattern(place.format))
        if not place.written:
            files.timeout = 0.2  # none has been seen: it is not waited for long
        return files

    @property
    def settings(self) -> dict[str, str]:
        """The environment that it is given."""
        return {**self.workplace.target.environment(self.folder), **self.env}

    @property
    def sitemap(self) -> SiteMap:
        """Where things are on this site."""
        return self.workplace.target.sitemap

    @property
    def admins(self) -> tuple[str, ...]:
        """Whom its errors are mailed to."""
        return self.workplace.target.admins

    @property
    def _tolerated(self) -> tuple[type[Exception], ...]:
        """What may go wrong with the mails of another implementation, not of ours."""
        return () if self.workplace.target.is_own else (DeadlineExceeded,)

    def close(self) -> None:
        """End the server and every visitor's connections."""
        for visitor in [*self._visitors, *self._members.values()]:
            visitor.close()
        if self._process is not None:
            self.stop()  # ended by itself or not: what it started ends too
        self.log.forget()

    # -- people -----------------------------------------------------------------

    def visitor(self) -> Visitor:
        """Return a new visitor, whom nobody knows."""
        visitor = Visitor(lambda: self.url, self.sitemap)
        self._visitors.append(visitor)
        return visitor

    def member(self, name: str) -> Visitor:
        """Return susan or john, signed in: a copy of the browser kept at the start."""
        self._introduce()
        visitor = self._members[name].copy()
        self._visitors.append(visitor)
        return visitor

    def _introduce(self) -> None:
        """
        Have the members, who registered here or, once, on an earlier site of its kind.

        To hash their passwords on each is slow by design.
        """
        if self._members:
            return
        key = self.settings.get("SECRET_KEY", "")
        is_own = self.workplace.target.is_own
        is_new = is_own and not self._visitors and self._is_empty()
        if is_new and key in self.known:
            self._members = self._recognised(self.known[key])
            return
        self._members = self._registered()
        if is_new and key:
            self.known[key] = Members(self.users.all(), self._members)

    def _is_empty(self) -> bool:
        """Whether nobody is stored, where that can be told."""
        with contextlib.suppress(ProbeError):
            return not self.users.names
        return False

    def _recognised(self, members: Members) -> dict[str, Visitor]:
        """Store the members of another site, in their order; return their browsers."""
        for user in members.stored:
            self.users.add(user)
        key = self.users.table.key  # by which their cookies name them
        if [one[key] for one in self.users.all()] != [
            one[key] for one in members.stored
        ]:
            raise NotStarted("somebody was stored here before the members")
        return {
            name: browser.copy(lambda: self.url)
            for name, browser in members.browsers.items()
        }

    def _registered(self) -> dict[str, Visitor]:
        """Register the members through the forms."""
        members = {}
        for name in MEMBERS:
            visitor = self.visitor()
            visitor.register(name)
            page = visitor.sign_in(name)
            if not page.signed_in:
                raise NotStarted(
                    f"{name} cannot sign in: {page}\n{self.process.tail()}"
                )
            members[name] = visitor.copy()
        return members

    def reset(self) -> None:
        """
        Bring a shared site back to where it was when susan and john had signed in.

        What is stored is restored, faults are taken out, and what was logged and
        mailed so far is forgotten.
        """
        for visitor in self._visitors:
            visitor.close()
        self._visitors.clear()
        self.probe.clear_fault()
        if not self._members:
            self._introduce()
            self.probe.snapshot()
        self.probe.restore()
        if self.workplace.target.is_own:
            # Else who reads is written down, or is not, by how old the site is.
            self.users.set_last_seen(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}")
        if self.mailbox is not None:
            if not self.mails_nothing:
                # That of the test before may be on its way.
                with contextlib.suppress(*self._tolerated):
                    self.mails()
            self.mailbox.clear()
        self.log.forget()

    # -- failing, and what comes of it ------------------------------------------------

    def fail(self, message: str = "on demand", visitor: Visitor | None = None) -> Page:
        """Open a view that raises RuntimeError(message)."""
        return (visitor or self.visitor()).open(self.probe.raising(message))

    def mails(self, within: float = DEADLINE) -> list[Mail]:
        """
        Return every mail that has been caused so far, and prove that no other has.

        Another error is logged, and its mail awaited: mails are sent in order, so
        what has not come before that one never comes.
        """
        if self.mailbox is None:
            if not self.workplace.target.is_own:
                raise NotStarted("it does not start with MAIL_SERVER set")
            raise ValueError("a site without a mailbox: stop it and look elsewhere")
        fence = f"{FENCE} {uuid.uuid4()}"
        self.probe.log("ERROR", fence)
        before: list[Mail] = []
        try:
            wait = SHORT if self.mails_nothing else within
            while fence not in (mail := self.mailbox.next(wait)).text:
                before.append(mail)
        except DeadlineExceeded:
            if self.mails_nothing:
                raise DeadlineExceeded(
                    "no mail came, nor did one of an earlier error"
                ) from None
            # Of another implementation none is awaited for long again.
            self.mails_nothing = not (before or self.workplace.target.is_own)
            raise
        # Who mails everything twice has mailed an earlier fence twice.
        return [mail for mail in before if FENCE not in mail.text]

    def require_mail(self) -> None:
        """Say that there is nothing to judge if the target mails nothing anyway."""
        if not self.workplace.target.mails:
            raise NotOffered("no error is mailed at all")

    def require_log(self) -> None:
        """Say that there is nothing to judge if the target keeps no log anyway."""
        if not self.workplace.target.log.written:
            raise NotOffered("no log file is written at all")

    def reported_errors(self) -> list[str]:
        """
        Return what the administrator was told of errors so far, by every way.

        That is what was mailed, and what stands in the log as an error.
        """
        told: list[str] = []
        if self.mailbox is not None and not self.mails_nothing:
            with contextlib.suppress(*self._tolerated):
                told += [mail.text for mail in self.mails()]
        if self.workplace.target.log.written:
            told += [one.message for one in self.records() if one.level == "ERROR"]
        return told

    def records(self, within: float = DEADLINE) -> list[Record]:
        """Return every log record that has been caused so far, as :meth:`mails`."""
        fence = f"{FENCE} {uuid.uuid4()}"
        self.probe.log("WARNING", fence)
        self.log.wait_for(fence, within)
        return [record for record in self.log.records() if FENCE not in record.message]

"""A running implementation: its visitors, its mailbox, its log and its faults."""

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

#: The users of every site.
MEMBERS = ("susan", "john")
#: The message of the harness's own records, which mark the end of those of a test.
MARKER = "harness fence"
#: Seconds to wait for a mail if an earlier one did not come.
SHORT_WAIT = 0.2


@dataclass(frozen=True)
class Members:
    """Users who have registered: what is stored of them, and browsers signed in."""

    stored: list[dict[str, Any]]
    browsers: dict[str, Visitor]


@dataclass
class Site(Service):
    """A running implementation, its users, and what its errors lead to.

    Attributes:
        mailbox: Where its errors are mailed, None if they are not.
        known_members: Members of earlier sites, by the secret key that signs their
            cookies. New sites take them over, as hashing passwords is slow by design.
    """

    mailbox: Mailbox | None = None
    known_members: dict[str, Members] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log = self._log_files()
        self.users = Users(self.probe, self.workplace.target.user_table)
        #: Whether an error was logged without being mailed.
        self.mails_nothing = not self.workplace.target.mails
        self._visitors: list[Visitor] = []
        self._members: dict[str, Visitor] = {}
        if self.workplace.target.is_own:
            self.scan_with(SECRETS)

    def scan_with(self, scanner: SecretScanner) -> None:
        """Have every mail of this site and all of its log scanned for secrets."""
        name = self.folder.name
        scanner.add_fields("the setting", self.settings.items())
        self.log.on_forget = lambda text: scanner.scan(f"the log of {name}", text)
        if self.mailbox is not None:
            self.mailbox.on_mail = lambda mail: scanner.scan(
                f"a mail of {name}", f"{mail.content.decode('latin-1')}\n{mail.text}"
            )

    def _log_files(self) -> LogFiles:
        location = self.workplace.target.log
        path = self.code / location.path
        files = LogFiles(path.parent, path.name, line_pattern(location.format))
        if not location.written:
            files.timeout = SHORT_WAIT
        return files

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables that the site is started with."""
        return {**self.workplace.target.environment(self.folder), **self.env}

    @property
    def sitemap(self) -> SiteMap:
        """Where the pages of this site are."""
        return self.workplace.target.sitemap

    @property
    def admins(self) -> tuple[str, ...]:
        """The addresses that errors are mailed to."""
        return self.workplace.target.admins

    @property
    def _tolerated(self) -> tuple[type[Exception], ...]:
        """What may go wrong with the mails of another implementation, but not ours."""
        return () if self.workplace.target.is_own else (DeadlineExceeded,)

    def close(self) -> None:
        """End the server and every visitor's connections."""
        for visitor in [*self._visitors, *self._members.values()]:
            visitor.close()
        if self._process is not None:
            self.stop()  # even if it has ended, as its children may still run
        self.log.forget()

    # -- visitors ---------------------------------------------------------------

    def visitor(self) -> Visitor:
        """Return a new anonymous visitor."""
        visitor = Visitor(lambda: self.url, self.sitemap)
        self._visitors.append(visitor)
        return visitor

    def member(self, name: str) -> Visitor:
        """Return susan or john, signed in, each time at a new browser."""
        self._ensure_members()
        visitor = self._members[name].copy()
        self._visitors.append(visitor)
        return visitor

    def _ensure_members(self) -> None:
        """Register the members, or take them over from an earlier site."""
        if self._members:
            return
        key = self.settings.get("SECRET_KEY", "")
        is_own = self.workplace.target.is_own
        is_new = is_own and not self._visitors and self._has_no_users()
        if is_new and key in self.known_members:
            self._members = self._take_over(self.known_members[key])
            return
        self._members = self._register_members()
        if is_new and key:
            self.known_members[key] = Members(self.users.all(), self._members)

    def _has_no_users(self) -> bool:
        """Return True if the table of users is known to be empty, False if unknown."""
        with contextlib.suppress(ProbeError):
            return not self.users.names
        return False

    def _take_over(self, members: Members) -> dict[str, Visitor]:
        """Store the members of another site and return browsers signed in as them."""
        for user in members.stored:
            self.users.add(user)
        key = self.users.table.key  # which their cookies contain
        if [one[key] for one in self.users.all()] != [
            one[key] for one in members.stored
        ]:
            raise NotStarted("the members' primary keys are already used")
        return {
            name: browser.copy(lambda: self.url)
            for name, browser in members.browsers.items()
        }

    def _register_members(self) -> dict[str, Visitor]:
        """Register the members through the forms and sign them in."""
        members = {}
        for name in MEMBERS:
            self.visitor().register(name)
            self.users.confirm(name)
            visitor = self.visitor()  # registering may have signed the other one in
            page = visitor.sign_in(name)
            if not visitor.is_signed_in():
                raise NotStarted(
                    f"{name} cannot sign in: {page}\n{self.process.tail()}"
                )
            members[name] = visitor.copy()
        return members

    def reset(self) -> None:
        """Return a shared site to its state after susan and john had signed in.

        This restores what was stored, removes faults, and forgets what was logged and
        mailed so far.
        """
        for visitor in self._visitors:
            visitor.close()
        self._visitors.clear()
        self.probe.clear_fault()
        if not self._members:
            self._ensure_members()
            self.probe.snapshot()
        self.probe.restore()
        if self.workplace.target.is_own:
            # Otherwise the age of the site decides whether a request stores last-seen.
            self.users.set_last_seen(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}")
        if self.mailbox is not None:
            if not self.mails_nothing:
                # A mail of the previous test may be on its way.
                with contextlib.suppress(*self._tolerated):
                    self.mails()
            self.mailbox.clear()
        self.log.forget()

    # -- errors, and what they lead to --------------------------------------------

    def fail(self, message: str = "on demand", visitor: Visitor | None = None) -> Page:
        """Open a view that raises ``RuntimeError(message)``."""
        return (visitor or self.visitor()).open(self.probe.raising(message))

    def mails(self, within: float = DEADLINE) -> list[Mail]:
        """Return every mail caused so far, and prove that there are no more.

        This logs another error and waits for its mail. Mails are sent in order, so a
        mail that has not come before that one will never come.

        Raises:
            DeadlineExceeded: The mail of that error did not come *within* seconds.
        """
        if self.mailbox is None:
            if not self.workplace.target.is_own:
                raise NotStarted("it does not start with MAIL_SERVER set")
            raise ValueError("a site without a mailbox: stop it and look elsewhere")
        marker = f"{MARKER} {uuid.uuid4()}"
        self.probe.log("ERROR", marker)
        before: list[Mail] = []
        try:
            wait = SHORT_WAIT if self.mails_nothing else within
            while marker not in (mail := self.mailbox.next(wait)).text:
                before.append(mail)
        except DeadlineExceeded:
            if self.mails_nothing:
                raise DeadlineExceeded(
                    "no mail came, nor did one of an earlier error"
                ) from None
            # Do not wait that long again for mails of another implementation.
            self.mails_nothing = not (before or self.workplace.target.is_own)
            raise
        # An implementation may have mailed earlier markers twice.
        return [mail for mail in before if MARKER not in mail.text]

    def one_mail(self) -> Mail:
        """Return the only mail that has been caused so far."""
        mails = self.mails()
        assert len(mails) == 1, f"{len(mails)} mails came, one was expected."
        return mails[0]

    def require_mail(self) -> None:
        """Raise `NotOffered` if the target does not mail errors."""
        if not self.workplace.target.mails:
            raise NotOffered("no error is mailed at all")

    def require_log(self) -> None:
        """Raise `NotOffered` if the target does not write a log."""
        if not self.workplace.target.log.written:
            raise NotOffered("no log file is written at all")

    def reported_errors(self) -> list[str]:
        """Return the texts of the errors mailed and logged so far."""
        reported: list[str] = []
        if self.mailbox is not None and not self.mails_nothing:
            with contextlib.suppress(*self._tolerated):
                reported += [mail.text for mail in self.mails()]
        if self.workplace.target.log.written:
            reported += [one.message for one in self.records() if one.level == "ERROR"]
        return reported

    def records(self, within: float = DEADLINE) -> list[Record]:
        """Return every log record caused so far; another record proves it, as `mails`.

        Raises:
            DeadlineExceeded: That record did not come *within* seconds.
        """
        marker = f"{MARKER} {uuid.uuid4()}"
        self.probe.log("WARNING", marker)
        self.log.wait_for(marker, within)
        return [record for record in self.log.records() if MARKER not in record.message]

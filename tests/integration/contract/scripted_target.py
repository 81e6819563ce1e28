"""A started target whose pages and probe give the answers of a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.pages import Route
from tests.harness.probe.client import AnsweredRequest, Handler
from tests.integration.harness.http.scripted_site import ScriptedSite, served

GET = ("GET",)


@dataclass
class ScriptedProbe:
    """A probe whose answers are its attributes."""

    stored_tables: dict[str, tuple[list[str], list[list[Any]]]] = field(
        default_factory=dict
    )
    url_rules: list[Route] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    log_handlers: list[Handler] = field(default_factory=list)
    log_records: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    requests: list[AnsweredRequest] = field(default_factory=list)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return self.url_rules

    def tables(self) -> dict[str, list[str]]:
        """Return the columns of each table."""
        return {name: columns for name, (columns, _) in self.stored_tables.items()}

    def rows(self, query: str) -> list[list[Any]]:
        """Return all rows of the table that the query names."""
        return self.stored_tables[query.split('"')[1]][1]

    def sql(self, statement: str) -> None:
        """Take a statement."""
        self.statements.append(statement)

    def settings(self) -> dict[str, Any]:
        """Return the settings."""
        return self.config

    def handlers(self) -> list[Handler]:
        """Return the handlers."""
        return self.log_handlers

    def journal(self, since: float = 0) -> list[AnsweredRequest]:
        """Return the requests that were answered."""
        return self.requests

    def log(self, level: str, message: str) -> None:
        """Record a log record."""
        self.log_records.append(f"{level} {message}")


@dataclass
class Process:
    """A process that runs, or has ended with a status."""

    status: int | None = None


@dataclass
class ScriptedTarget:
    """A started target with scripted pages and a scripted probe."""

    pages: ScriptedSite
    probe: ScriptedProbe = field(default_factory=ScriptedProbe)
    process: Process = field(default_factory=Process)
    output: str = "ValueError: its last words\n"
    code: Path = Path("/nowhere/target")
    #: It mails nothing.
    mailbox: None = None

    @property
    def url(self) -> str:
        """The URL of the site."""
        return self.pages.url

    @property
    def running(self) -> bool:
        """Whether the site's process runs."""
        return self.process.status is None

    def serve(self, path: str, html: str, *, method: str = "GET", **more: str) -> None:
        """Answer a request for *path* and add its route."""
        self.pages.answer(path, html, method=method, **more)
        self.probe.url_rules.append((path, (method,), path.strip("/") or "home"))

    def user(self, name: str = "susan") -> None:
        """Store a user."""
        self.probe.stored_tables["user"] = (["id", "username"], [[1, name]])


@contextmanager
def scripted_target() -> Iterator[Any]:
    """Serve a scripted target during the block."""
    with served() as pages:
        yield ScriptedTarget(pages)


#: The forms of an anonymous visitor, and the link that a signed-in user sees.
SIGN_IN = (
    '<form method="post"><input name="username">'
    '<input type="password" name="password"></form>'
)
REGISTER = SIGN_IN.replace("</form>", '<input name="email"></form>')
EDIT = '<form method="post"><input name="username"><input name="about_me"></form>'
INSIDE = '<a href="/logout">Log out</a>'

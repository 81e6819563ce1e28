"""A table of the ways to start the microblog, and what is enabled by each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.harness.http.page import Page
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import ServerCommand, flask_server, gunicorn_server
from tests.integration.debug.error_page_kind import BARE, DEBUGGER, OWN, error_page_kind


@dataclass(frozen=True)
class Mode:
    """What is enabled; ``page`` is the one that answers an exception."""

    debugger: bool
    reloader: bool
    page: str
    log_file: bool
    mail: bool


PRODUCTION = Mode(debugger=False, reloader=False, page=OWN, log_file=True, mail=True)
DEBUG = Mode(debugger=True, reloader=True, page=DEBUGGER, log_file=False, mail=False)


def module(*arguments: str) -> ServerCommand:
    """Return Flask's server as started by ``python -m`` *arguments*."""
    return replace(flask_server(), arguments=arguments)


@dataclass(frozen=True)
class Way:
    """A row of the table; ``command`` is what a person types."""

    name: str
    command: str
    mode: Mode
    server: ServerCommand = field(default_factory=flask_server)
    env: Mapping[str, str] = field(default_factory=dict)


ON = {"FLASK_DEBUG": "1"}
FALSE = {"FLASK_DEBUG": "false"}
WAYS = (
    Way("unset", "flask run", PRODUCTION),
    Way("empty", "FLASK_DEBUG= flask run", PRODUCTION, env={"FLASK_DEBUG": ""}),
    Way("zero", "FLASK_DEBUG=0 flask run", PRODUCTION, env={"FLASK_DEBUG": "0"}),
    Way(
        "false", "FLASK_DEBUG=false flask run", PRODUCTION, env={"FLASK_DEBUG": "false"}
    ),
    Way("no", "FLASK_DEBUG=no flask run", PRODUCTION, env={"FLASK_DEBUG": "no"}),
    Way("one", "FLASK_DEBUG=1 flask run", DEBUG, env=ON),
    Way("true", "FLASK_DEBUG=true flask run", DEBUG, env={"FLASK_DEBUG": "true"}),
    Way(
        "option",
        "flask --debug run",
        DEBUG,
        module("flask", "--debug", "run", "--port", "0"),
    ),
    Way("run-option", "flask run --debug", DEBUG, flask_server("--debug")),
    Way(
        "no-debugger",
        "flask --debug run --no-debugger",
        replace(DEBUG, debugger=False, page=BARE),
        module("flask", "--debug", "run", "--port", "0", "--no-debugger"),
    ),
    Way(
        "no-reload",
        "flask --debug run --no-reload",
        replace(DEBUG, reloader=False),
        module("flask", "--debug", "run", "--port", "0", "--no-reload"),
    ),
    Way(
        "only-reload",
        "flask run --reload",
        replace(PRODUCTION, reloader=True),
        flask_server("--reload"),
    ),
    Way(
        "only-debugger",
        "flask run --debugger",
        replace(PRODUCTION, debugger=True),
        flask_server("--debugger"),
    ),
    Way(
        "script-debug",
        "python serve.py",
        DEBUG,
        module("harness_probe.debug_run"),
    ),
    Way("gunicorn", "gunicorn 'app:create_app()'", PRODUCTION, gunicorn_server(1)),
    Way(
        "gunicorn-debug",
        "FLASK_DEBUG=1 gunicorn 'app:create_app()'",
        replace(DEBUG, debugger=False, reloader=False, page=BARE),
        gunicorn_server(1),
        env=ON,
    ),
)


@dataclass(frozen=True)
class Observed:
    """What was observed of one way to start."""

    mode: Mode
    page: Page
    #: The number of logged starts.
    startups: int
    #: Whether there is a log file, even an empty one.
    has_log: bool


def observe(launcher: Launcher, way: Way) -> Observed:
    """Start the microblog in one way, make a view fail, and observe the result."""
    with (
        Mailbox() as mailbox,
        launcher.launch(env=way.env, mail=mailbox, server=way.server) as site,
    ):
        page = site.fail(way.name)
        console = site.visitor().open("/console")
        # An expected mail is waited for; an unexpected one comes before the end of the
        # process.
        mailed = way.mode.mail and way.name in mailbox.next().text
        site.stop()
        return Observed(
            mode=Mode(
                debugger=console.status == 200,
                reloader="Restarting with" in site.output,
                page=error_page_kind(page),
                log_file=f"RuntimeError: {way.name}" in site.log.text,
                mail=mailed or not mailbox.empty(),
            ),
            page=page,
            startups=site.log.text.count("Microblog startup"),
            has_log=bool(site.log.files),
        )


class Observations:
    """What was observed of each way to start by its name; each is started once."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._seen: dict[str, Observed] = {}

    def __getitem__(self, name: str) -> Observed:
        if name not in self._seen:
            [way] = [way for way in WAYS if way.name == name]
            self._seen[name] = observe(self._launcher, way)
        return self._seen[name]

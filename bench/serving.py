"""Sites served as in production: gunicorn, without probe and development mode."""

import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tests.harness.database.stores import SqliteStore, Store
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import ServerCommand
from tests.harness.server.site import Site
from tests.harness.target.target import Target

APP = "app:create_app()"


@contextmanager
def serving(
    app: str = APP,
    workers: int = 2,
    threads: int = 1,
    store: Store | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Serve ``app`` on several workers, on SQLite unless a ``store`` is given."""
    processes = ("--workers", str(workers), "--threads", str(threads))
    server = ServerCommand(
        ("gunicorn", "--bind", "127.0.0.1:0", *processes, app),
        r"Listening at: (http://127\.0\.0\.1:\d+)",
        signal.SIGTERM,
    )
    target = Target.own()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        launcher = Launcher(target, store or SqliteStore(target, scratch), scratch)
        with (
            closing(launcher),
            launcher.launch(
                server=server, probed=False, env={"PYTHONDEVMODE": "", **(env or {})}
            ) as site,
        ):
            yield site

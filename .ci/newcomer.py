"""What a newcomer does first: `make run`, look around, Ctrl-C; and run it again.

The times are printed. A start that takes too long, a page that is not what it should be
and a server that does not end cleanly after Ctrl-C end the run with one line.
"""

import contextlib
import http.client
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What earlier runs made there, and a newcomer does not have.
MADE = (".git", ".tox", ".venv", ".env", "instance", "logs", "__pycache__")
#: Seconds that the two starts may take, the first with all that is installed: for busy
#: machines; else the first is a matter of half a minute, the next of three seconds.
DEADLINES = {"first": 120.0, "next": 10.0}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Newcomer:
    """A person with a browser, as far as forms, links and cookies go."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def page(self, path: str, body: bytes | None = None) -> str:
        """The page at *path*, whatever its status; "" while nobody answers."""
        try:
            with self._opener.open(self._url + path, body, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except (OSError, http.client.HTTPException):
            return ""

    def fill_in(self, path: str, **fields: str) -> str:
        """Send the form at *path*; the page that follows."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page(path))
        fields["csrf_token"] = token[1] if token else ""
        return self.page(path, urllib.parse.urlencode(fields).encode())


def expect(text: str, page: str) -> None:
    """End the run unless *text* is in *page*."""
    if text not in page:
        sys.exit(f"make run: {text!r} is not in the page:\n{page}")


def look_around(person: Newcomer, database: Path) -> None:
    """Register, sign in, write, read, take another name, and meet both error pages."""
    account = {"username": "newcomer", "password": "a long enough password"}
    person.fill_in(
        "/register",
        **account,
        email="newcomer@example.com",
        password2=account["password"],
    )
    expect("newcomer", person.fill_in("/login", **account))
    expect("My first post", person.fill_in("/", body="My first post"))
    person.fill_in("/edit_profile", username="settler", about_me="Here to stay")
    expect("Here to stay", person.page("/user/settler"))
    expect("Not Found", person.page("/user/newcomer"))
    change(database, "ALTER TABLE post RENAME TO lost")
    expect("An unexpected error has occurred", person.page("/"))
    change(database, "ALTER TABLE lost RENAME TO post")
    expect("My first post", person.page("/"))


def change(database: Path, statement: str) -> None:
    """Execute *statement* beside the microblog."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)


def start(folder: Path, deadline: float, first: bool) -> float:
    """Start the microblog in *folder* and end it; the seconds until it answered."""
    port = free_port()
    person = Newcomer(f"http://127.0.0.1:{port}")
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env={**os.environ, "FLASK_RUN_PORT": str(port)},
            stderr=said,
            start_new_session=True,
        )
        try:
            while not (found := person.page("/")):
                if process.poll() is not None or time.monotonic() - begin > deadline:
                    said.seek(0)
                    sys.exit(f"make run: no page in {deadline:.0f} s\n{said.read()}")
                time.sleep(0.05)  # between two looks, up to the deadline
            seconds = time.monotonic() - begin
            expect("Sign In", found)
            if first:
                look_around(person, folder / "instance" / "app.db")
            before = os.fstat(said.fileno()).st_size
            os.killpg(process.pid, signal.SIGINT)
            process.wait(10)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        said.seek(before)
        ended = said.read()
    # make itself says that it was interrupted, where Flask ends by the signal.
    if process.returncode not in (0, 2, -signal.SIGINT) or "Traceback" in ended:
        sys.exit(f"make run: it ended with status {process.returncode}\n{ended}")
    return seconds


if __name__ == "__main__":
    # Run in the background, it was started with Ctrl-C ignored; so would be the server.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="newcomer-") as scratch:
        clean = Path(scratch, "microblog")
        shutil.copytree(ROOT, clean, ignore=shutil.ignore_patterns(*MADE))
        for which, seconds in DEADLINES.items():
            took = start(clean, seconds, which == "first")
            print(f"make run, {which} start: {took:.1f} s", flush=True)

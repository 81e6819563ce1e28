"""Run `make run` in a clean copy: use the site, end it with Ctrl-C, start it again.

The times are printed. A slow start, an unexpected page, or a server that does not end
cleanly after Ctrl-C ends the run with one line.
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
#: Files of earlier runs, which a new clone does not have.
MADE = (".git", ".tox", ".venv", ".env", "instance", "logs", "__pycache__")
#: The maximum seconds of the two starts on a busy machine. The first one installs
#: everything and usually takes half a minute, the next one three seconds.
DEADLINES = {"first": 120.0, "next": 10.0}


def free_port() -> int:
    """Return an unused port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Browser:
    """A minimal browser with forms and cookies."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def page(self, path: str, body: bytes | None = None) -> str:
        """Return the page at *path* with any status, or "" if there is no answer."""
        try:
            with self._opener.open(self._url + path, body, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except (OSError, http.client.HTTPException):
            return ""

    def fill_in(self, path: str, **fields: str) -> str:
        """Send the form at *path* and return the page that follows."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page(path))
        fields["csrf_token"] = token[1] if token else ""
        return self.page(path, urllib.parse.urlencode(fields).encode())


def expect(text: str, page: str) -> None:
    """End the run unless *text* is in *page*."""
    if text not in page:
        sys.exit(f"make run: {text!r} is not in the page:\n{page}")


def look_around(browser: Browser, database: Path) -> None:
    """Register, sign in, write, read, rename, and open both error pages."""
    account = {"username": "clara", "password": "a long enough password"}
    browser.fill_in(
        "/register",
        **account,
        email="clara@example.com",
        password2=account["password"],
    )
    expect("clara", browser.fill_in("/login", **account))
    expect("My first post", browser.fill_in("/", body="My first post"))
    browser.fill_in("/edit_profile", username="grace", about_me="Here to stay")
    expect("Here to stay", browser.page("/user/grace"))
    expect("Not Found", browser.page("/user/clara"))
    change(database, "ALTER TABLE post RENAME TO lost")
    expect("An unexpected error has occurred", browser.page("/"))
    change(database, "ALTER TABLE lost RENAME TO post")
    expect("My first post", browser.page("/"))


def change(database: Path, statement: str) -> None:
    """Execute *statement* directly on the database."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)


def start(folder: Path, deadline: float, first: bool) -> float:
    """Start the microblog in *folder* and end it; return the seconds to its page."""
    port = free_port()
    browser = Browser(f"http://127.0.0.1:{port}")
    begin = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env={**os.environ, "FLASK_RUN_PORT": str(port)},
            stderr=output,
            start_new_session=True,
        )
        try:
            while not (found := browser.page("/")):
                if process.poll() is not None or time.monotonic() - begin > deadline:
                    output.seek(0)
                    sys.exit(f"make run: no page in {deadline:.0f} s\n{output.read()}")
                time.sleep(0.05)  # until the next poll, up to the deadline
            seconds = time.monotonic() - begin
            expect("Sign In", found)
            if first:
                look_around(browser, folder / "instance" / "app.db")
            before = os.fstat(output.fileno()).st_size
            os.killpg(process.pid, signal.SIGINT)
            process.wait(10)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        output.seek(before)
        ended = output.read()
    # make reports the interruption with status 2 if Flask ends by the signal.
    if process.returncode not in (0, 2, -signal.SIGINT) or "Traceback" in ended:
        sys.exit(f"make run: it ended with status {process.returncode}\n{ended}")
    return seconds


if __name__ == "__main__":
    # In the background, this process and the server would inherit an ignored SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="first-run-") as scratch:
        clean = Path(scratch, "microblog")
        shutil.copytree(ROOT, clean, ignore=shutil.ignore_patterns(*MADE))
        for which, seconds in DEADLINES.items():
            took = start(clean, seconds, which == "first")
            print(f"make run, {which} start: {took:.1f} s", flush=True)

"""What a newcomer does first: `make run`, a look at the page, Ctrl-C; and that again.

The times are printed. A start that takes too long, another page than the sign-in page
and a server that goes on after Ctrl-C end the run.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Seconds that the two starts may take, the first with all that is installed.
DEADLINES = {"first": 120.0, "next": 10.0}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def page(url: str) -> str:
    """The page at *url*, "" while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except urllib.error.URLError:
        return ""


def start(deadline: float) -> float:
    """Start the microblog, look at it and end it; the seconds until it answered."""
    port = free_port()
    begin = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env={**os.environ, "FLASK_RUN_PORT": str(port)},
        start_new_session=True,
    )
    try:
        while not (found := page(f"http://127.0.0.1:{port}/")):
            if process.poll() is not None or time.monotonic() - begin > deadline:
                sys.exit(f"make run: no page within {deadline:.0f} s")
            time.sleep(0.05)  # between two looks, up to the deadline
        seconds = time.monotonic() - begin
        if "Sign In" not in found:
            sys.exit(f"make run: not the page that was expected:\n{found}")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(10)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return seconds


if __name__ == "__main__":
    for which, seconds in DEADLINES.items():
        print(f"make run, {which} start: {start(seconds):.1f} s", flush=True)

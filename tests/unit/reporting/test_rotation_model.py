"""The log file against a model of it: lists of records instead of files."""

import logging
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from app.reporting.rotation import SharedRotatingFileHandler
from tests.harness.plugin.behaviour import behaviour

LIMIT = 40
BACKUPS = 3

MESSAGES = st.lists(
    st.one_of(
        st.text(st.sampled_from("aä☃𝔘"), max_size=20),
        st.integers(LIMIT - 3, LIMIT + 3).map(lambda size: "b" * size),
    ),
    max_size=30,
)


def model(messages: list[str]) -> list[bytes]:
    """The files that should be there, the oldest first."""
    files: list[bytes] = []
    for line in (f"{message}\n".encode() for message in messages):
        if files and len(files[-1] + line) < LIMIT:
            files[-1] += line
        else:
            files.append(line)
    return files[-(BACKUPS + 1) :]


@behaviour("rotation.order")
@behaviour("rotation.bytes")
@example(messages=["a", "a"], restarts={1})  # one file, and a restart
@given(messages=MESSAGES, restarts=st.sets(st.integers(0, 29)))
def test_like_the_model(messages: list[str], restarts: set[int]) -> None:
    """Whatever is written, files hold what the model says, across restarts, too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "microblog.log"
        handler = SharedRotatingFileHandler(path, LIMIT, BACKUPS)
        for number, message in enumerate(messages):
            if number in restarts:
                handler.close()
                handler = SharedRotatingFileHandler(path, LIMIT, BACKUPS)
            handler.handle(logging.makeLogRecord({"msg": message}))
        handler.close()

        backups = [path.with_name(f"microblog.log.{n}") for n in (4, 3, 2, 1)]
        files = [file.read_bytes() for file in (*backups, path) if file.exists()]

    assert files == model(messages)

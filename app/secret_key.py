"""The key that signs sessions, created and kept when SECRET_KEY is unset."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from .config import ConfigError


def load_or_create(folder: str) -> str:
    """Return the key stored in ``folder``/secret_key, creating it if it is missing.

    Only its owner can read the file. Concurrent starts agree on one key: each writes
    a temporary file, and the first to link it to the name wins.

    Raises:
        ConfigError: The key cannot be kept, is not a key, or others can read it.
    """
    path = Path(folder) / "secret_key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(
            f"SECRET_KEY is unset and none can be kept in {path}: {error.strerror}"
        ) from None
    if not key.strip() or not key.isascii():
        raise ConfigError(f"SECRET_KEY: {path} is empty or not ASCII: delete it")
    if os.name != "nt" and mode & 0o077:
        raise ConfigError(f"SECRET_KEY: other users can read it: chmod 600 {path}")
    return key.decode()


def _create(path: Path) -> None:
    # The file is readable by its owner only, like all that tempfile creates.
    descriptor, own = mkstemp(dir=path.parent)
    try:
        with open(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(descriptor)  # a crash must not leave the name of an empty file
        with suppress(FileExistsError):  # another process was first: its key counts
            os.link(own, path)
    finally:
        os.unlink(own)

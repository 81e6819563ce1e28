"""The key that signs sessions, when the environment gives none."""

import os
import secrets
from pathlib import Path

from .config import ConfigError


def secret_key(folder: str) -> str:
    """The key kept in ``folder``/secret_key, made at the first start.

    Only the owner can read it. Workers that start at once agree on one key: each
    writes a file of its own, and the first to link it into place wins.
    Raises `ConfigError` where nothing can be kept, or what is kept is no secret.
    """
    kept = Path(folder) / "secret_key"
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            _keep(kept, secrets.token_hex(32))
        key = kept.read_bytes()
        mode = kept.stat().st_mode
    except OSError as error:
        raise ConfigError(
            f"SECRET_KEY is unset and none can be kept in {kept}: {error.strerror}"
        ) from None
    if not key.strip() or not key.isascii():
        raise ConfigError(f"SECRET_KEY: {kept} is empty or not ASCII: delete it")
    if os.name != "nt" and mode & 0o077:
        raise ConfigError(
            f"SECRET_KEY: others can get at the kept one: chmod 600 {kept}"
        )
    return key.decode()


def _keep(kept: Path, key: str) -> None:
    own = kept.with_name(f"{kept.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())  # a crash must not leave the name of an empty file
    try:
        os.link(own, kept)
    except FileExistsError:
        pass  # another worker was first: its key counts
    finally:
        own.unlink()

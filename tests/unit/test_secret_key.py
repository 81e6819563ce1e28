"""The key that signs sessions if the environment sets none."""

import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.config import ConfigError
from app.secret_key import load_or_create
from tests.harness.plugin.behaviour import behaviour


@behaviour("security.secret-key")
def test_key_is_kept(tmp_path: Path) -> None:
    """Later starts use the key that the first start made."""
    folder = str(tmp_path / "data" / "instance")
    key = load_or_create(folder)

    assert len(key) == 64
    assert load_or_create(folder) == key


@behaviour("security.secret-key")
def test_kept_key_is_only_read(tmp_path: Path) -> None:
    """Loading a kept key writes no file."""
    load_or_create(str(tmp_path))
    os.utime(tmp_path, (0, 0))

    load_or_create(str(tmp_path))

    assert tmp_path.stat().st_mtime == 0


@behaviour("security.secret-key")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_key_is_private(tmp_path: Path) -> None:
    """Only its owner can read the kept key."""
    load_or_create(str(tmp_path))

    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@behaviour("security.secret-key")
def test_simultaneous_starts_agree(tmp_path: Path) -> None:
    """Simultaneous starts share one key and leave no other file."""
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(load_or_create, [str(tmp_path)] * 64))

    assert len(keys) == 1
    assert os.listdir(tmp_path) == ["secret_key"]


@behaviour("security.secret-key")
def test_no_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is written next to its place: a link cannot lead to another disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))

    assert load_or_create(str(tmp_path))


@behaviour("config.bad-value")
@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_link_to_nowhere(tmp_path: Path) -> None:
    """A dangling link in place of the key stops the start with one line."""
    (tmp_path / "secret_key").symlink_to(tmp_path / "not mounted" / "secret_key")

    with pytest.raises(ConfigError, match=r"secret_key: No such file or directory$"):
        load_or_create(str(tmp_path))
    assert os.listdir(tmp_path) == ["secret_key"]


@behaviour("config.bad-value")
@pytest.mark.parametrize(
    "content", [b"", b" \n", "schlüssel".encode()], ids=["empty", "blank", "not-ascii"]
)
def test_kept_key_that_is_none(tmp_path: Path, content: bytes) -> None:
    """An unusable kept key stops the start with a line on what to do."""
    (tmp_path / "secret_key").touch(0o600)
    (tmp_path / "secret_key").write_bytes(content)

    with pytest.raises(ConfigError, match=r"^SECRET_KEY: .*: delete it"):
        load_or_create(str(tmp_path))


@behaviour("security.secret-key")
@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o601], ids=oct)
def test_kept_key_that_others_know(tmp_path: Path, mode: int) -> None:
    """A kept key that other users can access stops the start with one line."""
    kept = tmp_path / "secret_key"
    load_or_create(str(tmp_path))
    kept.chmod(mode)

    with pytest.raises(ConfigError, match=rf"^SECRET_KEY: .*chmod 600 {kept}$"):
        load_or_create(str(tmp_path))


@behaviour("config.bad-value")
def test_no_place_for_the_key(tmp_path: Path) -> None:
    """If no key can be stored, the start stops with a line that names the setting."""
    (tmp_path / "instance").touch()

    with pytest.raises(ConfigError, match=r"^SECRET_KEY is unset and none can be kept"):
        load_or_create(str(tmp_path / "instance"))

"""`--install`: a target judged in an environment of its own."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.integration.contract_runs import KNOWN, command, standin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def write_wheel(folder: Path) -> None:
    """Write a package that brings all that this interpreter has installed."""
    shared = next(path for path in sys.path if path.endswith("site-packages"))
    files = {
        "everything.pth": shared,
        "everything-1.0.dist-info/METADATA": (
            "Metadata-Version: 2.1\nName: everything\nVersion: 1.0\n"
        ),
        "everything-1.0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{name},,\n" for name in files)
    files["everything-1.0.dist-info/RECORD"] = record
    with zipfile.ZipFile(folder / "everything-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)


def test_installed_and_judged(tmp_path: Path) -> None:
    """What a target needs is installed into a cache, once; its path may be anything."""
    write_wheel(tmp_path)
    target = standin("modular", tmp_path).rename(tmp_path / "Müllers blog")
    (target / "requirements.txt").write_text(
        f"--no-index\r\n--find-links {tmp_path}\r\neverything==1.0\r\n", "utf-16"
    )
    (tmp_path / "profile.toml").write_text(KNOWN)
    arguments = (
        *(str(target), "--install", "--behaviour", "profile.page"),
        *("--target-profile", str(tmp_path / "profile.toml")),
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    first = command(*arguments, env=env)
    second = command(*arguments, env=env)

    assert first.returncode == 0, first.stdout
    assert "requirements.txt, installed with" in first.stdout
    assert second.returncode == 0, second.stdout
    assert "requirements.txt, installed before in" in second.stdout
    [made] = (tmp_path / "cache" / "microblog-check").iterdir()
    assert (made / "venv" / "pyvenv.cfg").exists()

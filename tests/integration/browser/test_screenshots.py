"""The screenshots in docs/, and the command that makes them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.chromium.screenshots import FOLDER, names
from tests.harness.target.target import REPOSITORY

#: A picture in two schemes; the name omits the scheme.
PICTURE = re.compile(
    r"<picture>\s*"
    r'<source media="\(prefers-color-scheme: dark\)" '
    r'srcset="docs/screenshots/([\w-]+)-dark\.png">\s*'
    r'<img src="docs/screenshots/\1-light\.png" alt="[^"]+"[^>]*>\s*'
    r"</picture>"
)


def test_pictures_are_there() -> None:
    """The folder docs/screenshots has exactly the pictures that the command makes."""
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_pictures_are_small(name: str) -> None:
    """No screenshot is larger than 100 kB."""
    assert (FOLDER / name).stat().st_size < 100_000


def test_readme_shows_pictures() -> None:
    """The README shows desktop and phone, light or dark as the reader prefers."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = PICTURE.findall(readme)

    assert len(readme.split("docs/screenshots/")) == 1 + 2 * len(shown)
    assert {f"{name}-light.png" for name in shown} <= set(names())
    assert {int(name.rpartition("-")[2]) for name in shown} >= {320, 1280}


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("chromium")
def test_command(tmp_path: Path) -> None:
    """The command writes every screenshot to the given folder."""
    subprocess.run(
        [sys.executable, "-m", "tests.harness.chromium.screenshots", str(tmp_path)],
        cwd=REPOSITORY,
        timeout=110,
        check=True,
    )

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names())

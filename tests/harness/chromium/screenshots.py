"""Screenshots of the pages for the documentation.

``python -m tests.harness.chromium.screenshots [FOLDER]`` writes docs/screenshots/
or another folder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.chromium.scenes import shown
from tests.harness.chromium.starting import started
from tests.harness.chromium.window import SCHEMES
from tests.harness.database.stores import SqliteStore
from tests.harness.server.launcher import Launcher
from tests.harness.target.target import REPOSITORY, Target

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.harness.server.site import Site

FOLDER = REPOSITORY / "docs" / "screenshots"

#: The sizes of the window by scene, in CSS pixels; each is taken in light and dark.
SIZES = {
    "home": ((1280, 800), (768, 800), (320, 640)),
    "name-taken": ((768, 640), (320, 640)),
    "not-found": ((1280, 480), (768, 480), (320, 640)),
    "without-database": ((1280, 480), (768, 480), (320, 640)),
}


def names() -> list[str]:
    """Return the names of the files: ``SCENE-WIDTH-SCHEME.png``."""
    return [
        f"{scene}-{width}-{scheme}.png"
        for scene, sizes in SIZES.items()
        for width, _ in sizes
        for scheme in SCHEMES
    ]


def take(folder: Path, site: Site, browser: Browser) -> None:
    """Write the screenshots of each scene to *folder*."""
    for scene, sizes in SIZES.items():
        site.reset()
        with shown(scene, site, browser) as window:
            for width, height in sizes:
                window.page.set_viewport_size({"width": width, "height": height})
                for scheme in SCHEMES:
                    window.page.emulate_media(color_scheme=scheme)
                    name = f"{scene}-{width}-{scheme}.png"
                    window.page.screenshot(path=folder / name, caret="hide")


def main(arguments: list[str]) -> None:
    """Serve the microblog, take the screenshots, and print their sizes."""
    folder = Path(*arguments) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, started() as browser:
        target, sites = Target.own(), Path(scratch)
        launcher = Launcher(target, SqliteStore(target, sites), sites)
        with launcher.launch() as site:
            take(folder, site, browser)
    for name in names():
        print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])

"""
Pictures of the pages, for the README: ``python -m tests.harness.chromium.screenshots``.

Writes docs/screenshots, or the folder that is named.
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

#: By scene: the sizes of the window, in CSS pixels. Each is taken in light and in dark.
SIZES = {
    "home": ((1280, 800), (768, 800), (320, 640)),
    "name-taken": ((768, 640), (320, 640)),
    "not-found": ((1280, 480), (768, 480), (320, 640)),
    "without-database": ((1280, 480), (768, 480), (320, 640)),
}


def names() -> list[str]:
    """Return the files that are written: ``SCENE-WIDTH-SCHEME.png``."""
    return [
        f"{scene}-{width}-{scheme}.png"
        for scene, sizes in SIZES.items()
        for width, _ in sizes
        for scheme in SCHEMES
    ]


def take(folder: Path, site: Site, browser: Browser) -> None:
    """Bring the site into each scene and write its pictures to *folder*."""
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
    """Serve the microblog, take the pictures, and say how large they are."""
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

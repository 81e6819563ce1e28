"""A site whose clock can be shifted, where libfaketime is: `tox -e thorough`."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tests.harness.server.site import Site
from tests.integration.load import Load

FILE = "FAKETIME_TIMESTAMP_FILE"


def clock_settings(folder: Path) -> dict[str, str]:
    """Return the variables that let the clock be shifted; none without libfaketime."""
    found = find_spec("libfaketime")
    if found is None or found.origin is None:
        return {}
    (file := folder / "clock").write_text("+0")
    vendored = "vendor/libfaketime/src/libfaketime.so.1"
    return {
        "LD_PRELOAD": str(Path(found.origin).parent / vendored),
        FILE: str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def clock_disturbances(site: Site, load: Load) -> list[Callable[[], None]]:
    """Return what can be done to the clock of a site with these settings."""
    if FILE not in site.env:
        return []

    def shift_clock() -> None:
        """Set the clock of the site's processes an hour ahead for a while."""
        file = Path(site.env[FILE])
        file.write_text("+3600")
        load.go_on(20)
        file.write_text("+0")

    return [shift_clock]

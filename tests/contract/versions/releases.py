"""The releases of packages between two versions, in an order to bisect them in."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import accumulate

from packaging.version import Version

from tests.contract.versions.environments import (
    Environment,
    Package,
    locked,
    resolve,
)
from tests.contract.versions.uv import NotInstallable


def upgraded(good: Environment, bad: Environment) -> list[str]:
    """Return the names of the packages with a higher version in *bad*, sorted."""
    return sorted(
        name
        for name in {*good.packages} & {*bad.packages}
        if Version(good.packages[name].version) < Version(bad.packages[name].version)
    )


def releases(good: Package, bad: Package, python: str) -> list[Package]:
    """Return the releases after a version of a package, up to another, in this order.

    Args:
        python: The interpreter that they have to support.
    """
    found = [bad]
    while True:
        bounds = f"{good.name}>={good.version},!={good.version},<{found[0].version}"
        try:
            found.insert(0, locked(resolve([bounds], python, "--no-deps"))[good.name])
        except NotInstallable:
            return found


def merged(packages: Iterable[list[Package]]) -> list[Package]:
    """Return the releases of several packages in one order.

    They are sorted by upload, except that a release of an older branch that was
    uploaded later comes before those of a newer one.

    Args:
        packages: The releases of each package, sorted by version.
    """
    unknown = datetime.min.replace(tzinfo=UTC)
    dated = [
        pair
        for one in packages
        for pair in zip(
            accumulate((each.uploaded or unknown for each in one), max),
            one,
            strict=True,
        )
    ]
    return [package for _, package in sorted(dated, key=lambda pair: pair[0])]

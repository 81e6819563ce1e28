"""Steps from one set of packages to another that change one package at a time."""

from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from tests.contract.versions.difference import canonical
from tests.contract.versions.environments import Environment, Package

PYTHON = "python"


@dataclass(frozen=True)
class Mixture:
    """A mixture of two environments: packages that have moved are of the new one."""

    old: Environment
    new: Environment
    moved: frozenset[str] = frozenset()

    @property
    def base(self) -> str:
        """The interpreter."""
        return (self.new if PYTHON in self.moved else self.old).base

    @property
    def python(self) -> str:
        """The version of Python."""
        return (self.new if PYTHON in self.moved else self.old).python

    @property
    def packages(self) -> dict[str, Package]:
        """The packages by name."""
        found = {}
        for name in {**self.old.packages, **self.new.packages}:
            side = self.new if name in self.moved else self.old
            if name in side.packages:
                found[name] = side.packages[name]
        return found

    def with_dependants(self, name: str) -> frozenset[str]:
        """Return a package, and those that have to move with it to fit together."""
        moving = {name}
        while True:
            mixture = Mixture(self.old, self.new, self.moved | moving)
            more = mixture._misfits(differing(self.old, self.new)) - mixture.moved
            if not more:
                return frozenset(moving)
            moving |= more

    def _misfits(self, movable: frozenset[str]) -> set[str]:
        """Return the packages on both sides of each requirement that is not met."""
        packages = self.packages
        found = set()
        for package in packages.values():
            for requirement in requirements(package, self.python):
                required = canonical(requirement.name)
                if required not in packages or not requirement.specifier.contains(
                    packages[required].version, prereleases=True
                ):
                    found |= {package.name, required}
        return found & movable


def requirements(package: Package, python: str) -> list[Requirement]:
    """Return the requirements of a package, without extras, for a Python version."""
    found = []
    environment = {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "extra": "",
    }
    for text in package.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue  # old metadata
        marker = requirement.marker
        if marker is None or marker.evaluate(environment):
            found.append(requirement)
    return found


def differing(old: Environment, new: Environment) -> frozenset[str]:
    """Return the names of the packages whose versions differ, including Python."""
    return frozenset(
        name
        for name in {**old.versions, **new.versions}
        if old.versions.get(name) != new.versions.get(name)
    )


def chain(old: Environment, new: Environment) -> list[frozenset[str]]:
    """Return groups of packages that lead from one environment to another.

    After each step the packages fit together according to their requirements. A group
    is as small as possible: a package, and those that have to move with it. Groups that
    were uploaded earlier come first.
    """
    groups: list[frozenset[str]] = []
    moved: frozenset[str] = frozenset()
    left = differing(old, new)
    while left:
        mixture = Mixture(old, new, moved)
        group = min(
            (mixture.with_dependants(name) for name in sorted(left)),
            key=lambda one: (len(one), _latest(one, new)),
        )
        groups.append(group)
        moved |= group
        left -= group
    return groups


def _latest(group: frozenset[str], environment: Environment) -> str:
    """Return the time of the last upload in a group as a sort key."""
    uploads = [
        environment.packages[name].uploaded
        for name in group
        if name in environment.packages
    ]
    return max((one.isoformat() if one else "unknown" for one in uploads), default="x")

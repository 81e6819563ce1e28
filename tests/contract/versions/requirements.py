"""Requirements of a target with other bounds than those in its files."""

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from tests.contract.requirements import Requirements
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import canonical

#: A specifier of one exact version, which ``==3.*`` is not.
PIN = re.compile(r"^={2,3}([^*+]+)(\+.*)?$")


def parsed_lines(found: Requirements) -> list[Requirement]:
    """Return the requirements in lines for pip, without options and hashes.

    Raises:
        CannotBeJudged: One of the lines is not a requirement.
    """
    try:
        return [
            Requirement(re.sub(r"\s--hash.*", "", line))
            for line in found.lines
            if not line.startswith("-")
        ]
    except InvalidRequirement as error:
        raise CannotBeJudged(f"{found.source} cannot be read: {error}") from None


def without_pins(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return requirements with any version in place of exact versions."""
    return [_with_pins(one, "") for one in requirements]


def from_pins(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return requirements with lower bounds in place of exact versions."""
    return [_with_pins(one, r">=\1") for one in requirements]


def _with_pins(requirement: Requirement, instead: str) -> Requirement:
    changed = Requirement(str(requirement))
    specifiers = [PIN.sub(instead, str(one)) for one in requirement.specifier]
    changed.specifier = SpecifierSet(",".join(specifiers))
    return changed


def overridden(
    requirements: Iterable[Requirement], others: Iterable[Requirement]
) -> list[Requirement]:
    """Return *requirements* and *others*, which take precedence for a package."""
    by_name = {canonical(one.name): one for one in others}
    kept = [one for one in requirements if canonical(one.name) not in by_name]
    return [*kept, *by_name.values()]


def parsed(text: str) -> Requirement | None:
    """Return a requirement, or None if the text is not one."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None

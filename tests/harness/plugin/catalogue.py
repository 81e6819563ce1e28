"""The catalogue of behaviours, tests/behaviours.toml."""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).parents[2] / "behaviours.toml"

#: The chapter states it.
MUST = "MUST"
#: Production needs it beyond the chapter.
SHOULD = "SHOULD"


@dataclass(frozen=True)
class Behaviour:
    """One behaviour of the microblog."""

    #: ``area.slug``
    identity: str
    #: :data:`MUST` or :data:`SHOULD`
    level: str
    sentence: str
    #: The section of the chapter, or another place, that states it; "" if none does.
    source: str = ""
    #: Whether only our own microblog is held to it.
    own_only: bool = False

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


class UnknownBehaviour(LookupError):
    """The catalogue has no behaviour with this id."""


@dataclass(frozen=True)
class Introduction:
    """What docs/behaviours.md shows of an area, above its behaviours."""

    sentence: str
    #: The paths of the modules of our own microblog that do it.
    code: tuple[str, ...] = ()


def _load(path: Path) -> tuple[dict[str, Introduction], dict[str, Behaviour]]:
    areas = tomllib.loads(path.read_text(encoding="utf-8"))
    introductions = {
        area: Introduction(table.pop("introduction"), tuple(table.pop("code")))
        for area, table in areas.items()
    }
    behaviours = [
        Behaviour(identity=f"{area}.{slug}", **row)
        for area, table in areas.items()
        for slug, row in table.items()
    ]
    return introductions, {each.identity: each for each in behaviours}


#: The areas in the order of the chapter, each with its introduction; the behaviours
#: by id, in the order of reading.
INTRODUCTIONS, BEHAVIOURS = _load(PATH)
AREAS = tuple(INTRODUCTIONS)


def find(identity: str) -> Behaviour:
    """Return the behaviour with this id.

    Raises:
        UnknownBehaviour: There is none; the message names the nearest id.
    """
    if identity in BEHAVIOURS:
        return BEHAVIOURS[identity]
    [nearest] = difflib.get_close_matches(identity, BEHAVIOURS, n=1, cutoff=0)
    raise UnknownBehaviour(
        f"{PATH.name} has no behaviour {identity!r}; did you mean {nearest!r}?"
    )

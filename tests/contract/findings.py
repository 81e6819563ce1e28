"""What was found out about a target, as data and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.harness.target.target import Target


@dataclass(frozen=True)
class Findings:
    """A target that can be judged, and what it stands on."""

    target: Target
    versions: Mapping[str, str]
    #: What was found, in words: (what, where).
    found: tuple[tuple[str, str], ...]
    #: The version of every installed distribution, by its normalized name.
    packages: Mapping[str, str] = field(default_factory=dict)


def described(
    target: Target, mail: str, settings: Mapping[str, Any], mode: str
) -> list[tuple[str, str]]:
    """Return what was found, for people."""
    places = target.sitemap.places
    users = target.user_table
    missing = [key for key in ("edit_profile", "profiles") if key not in places]
    log = f"{target.log.path}, {target.log.format}"
    words = [
        ("pages", ", ".join(f"{key} {where}" for key, where in places.items())),
        ("not found", ", ".join(missing)),
        (
            "fields",
            ", ".join(
                f"{key} {names[0]}" for key, names in target.sitemap.fields.items()
            ),
        ),
        ("also asked", ", ".join(target.sitemap.extra_fields)),
        (
            "users",
            f"table {users.name}: {users.username}, {users.email or 'no e-mail'}, "
            f"{users.about_me or 'no about-me'}, {users.last_seen or 'no last-seen'}",
        ),
        (
            "confirmed",
            ", ".join(f"{column} = {value!r}" for column, value in users.confirmed),
        ),
        ("log", log if target.log.written else "none is written"),
        ("mail", mail),
        ("starts", "" if mode == "plain" else f"not as it is; judged in mode {mode}"),
    ]
    if settings.get("DEBUG") is True and mode != "debug":
        words.append(("debug", "its code turns it on: most of the chapter is off then"))
    if settings.get("TESTING") is True:
        words.append(("testing", "its code turns it on: errors are propagated then"))
    return [(what, text) for what, text in words if text]

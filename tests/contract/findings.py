"""The findings about a target, as data and as a summary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.harness.target.target import Target


@dataclass(frozen=True)
class Findings:
    """A target that can be judged, and the packages it runs on."""

    target: Target
    versions: Mapping[str, str]
    #: The lines of the summary: label and text.
    found: tuple[tuple[str, str], ...]
    #: The version of every installed distribution, by its normalized name.
    packages: Mapping[str, str] = field(default_factory=dict)


def summary(
    target: Target, mail: str, settings: Mapping[str, Any], mode: str
) -> list[tuple[str, str]]:
    """Return the lines of the summary: label and text."""
    places = target.sitemap.places
    users = target.user_table
    missing = [key for key in ("edit_profile", "profiles") if key not in places]
    log = f"{target.log.path}, {target.log.format}"
    lines = [
        ("pages", ", ".join(f"{key} {where}" for key, where in places.items())),
        ("not found", ", ".join(missing)),
        (
            "fields",
            ", ".join(
                f"{key} {names[0]}" for key, names in target.sitemap.fields.items()
            ),
        ),
        ("more fields", ", ".join(target.sitemap.extra_fields)),
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
        ("starts", "" if mode == "plain" else f"only in mode {mode}, which is judged"),
    ]
    if settings.get("DEBUG") is True and mode != "debug":
        lines.append(("debug", "on in its code, which turns most of the chapter off"))
    if settings.get("TESTING") is True:
        lines.append(("testing", "on in its code, which propagates errors"))
    return [(label, text) for label, text in lines if text]

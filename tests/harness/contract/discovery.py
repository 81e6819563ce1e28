"""Finds out all that a contract run has to know about a target."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.harness.contract.exploring import (
    MARK,
    Exploration,
    find_admins,
    find_log,
    find_users,
)
from tests.harness.contract.importing import MODES, find_entry
from tests.harness.contract.options import Options
from tests.harness.contract.schema import with_schema
from tests.harness.contract.unusable import unusable
from tests.harness.launcher import Launcher
from tests.harness.mailbox import Mailbox
from tests.harness.service import NotStarted
from tests.harness.stores import SqliteStore
from tests.harness.target import Target
from tests.harness.waiting import Overdue

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Findings:
    """A target that can be judged, and what it stands on."""

    target: Target
    versions: Mapping[str, str]
    #: What was found, in words: (what, where).
    found: tuple[tuple[str, str], ...]


def discover(options: Options, scratch: Path) -> Findings:
    """
    Return all that a run needs to know.

    :raise Unusable: the target cannot be judged
    """
    found: list[tuple[str, str]] = []
    entry = find_entry(options, scratch)
    mode = MODES[entry.mode] if entry.mode != "mail" else {}
    target = entry.target
    where = "" if target.folder == options.folder else f" in {target.folder.name}/"
    found.append(("application", target.app + where))
    if options.profile.get("schema") in ("models", "migrations"):
        target = replace(target, migrated=options.profile["schema"] == "migrations")
        schema = f"its {options.profile['schema']}, as the profile says"
    else:
        working = replace(target, env={**target.env, **mode})
        working, schema = with_schema(working, scratch / "schema")
        target = replace(target, migrated=working.migrated)
    found.append(("schema", schema))
    return _explored(options, target, entry.mode, scratch, found)


def _explored(
    options: Options,
    target: Target,
    mode: str,
    scratch: Path,
    found: list[tuple[str, str]],
) -> Findings:
    """Start the target, walk through it, and see what it logs and mails."""
    profile = options.profile
    store = SqliteStore(target, scratch / "store")
    with ExitStack() as stack:
        launcher = Launcher(target, store, scratch / "sites")
        mailbox = stack.enter_context(Mailbox())
        try:
            site = stack.enter_context(
                launcher.launch(
                    env=MODES[mode] if mode == "debug" else {},
                    mail=mailbox if mode == "mail" else None,
                    arguments=("--no-reload",) if mode == "debug" else (),
                )
            )
        except NotStarted as error:
            raise unusable("The target does not start.", str(error)) from None
        walk = Exploration.begin(site)
        walk.explore(dict(profile.get("places", {})))
        for key, names in profile.get("fields", {}).items():
            walk.fields.names[key] = [names] if isinstance(names, str) else list(names)
        walk.fields.extra |= profile.get("extra", {})
        users = find_users(site, dict(profile.get("users", {})))
        log = find_log(site, profile.get("log", ""))
        versions = site.probe.versions()
        settings = site.probe.settings()
    target = replace(target, sitemap=walk.sitemap, users=users, log=log)
    target, mail = _with_mail(target, store, scratch, profile)
    found += _words(target, mail, settings, mode)
    return Findings(target, versions, tuple(found))


def _with_mail(
    target: Target, store: SqliteStore, scratch: Path, profile: Mapping[str, Any]
) -> tuple[Target, str]:
    """Start the target with a mail server; see what it mails and logs then."""
    launcher = Launcher(target, store, scratch / "mailing")
    with Mailbox() as mailbox, ExitStack() as stack:
        try:
            site = stack.enter_context(launcher.launch(mail=mailbox))
        except NotStarted:
            return target, "it does not start with MAIL_SERVER set"
        if not target.log.written:
            target = replace(target, log=find_log(site, profile.get("log", "")))
        else:
            site.probe.log("ERROR", MARK)
        try:
            mail = mailbox.next(within=5)
            while MARK not in mail.text:
                mail = mailbox.next(within=5)
        except Overdue:
            return replace(target, mails=False), "no error is mailed"
        admins = find_admins(site, mail.recipients)
        return replace(target, admins=admins), f"to {', '.join(admins)}"


def _words(
    target: Target, mail: str, settings: Mapping[str, Any], mode: str
) -> list[tuple[str, str]]:
    """Return what was found, for people."""
    places = target.sitemap.places
    users = target.users
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
        ("also asked", ", ".join(target.sitemap.extra)),
        (
            "users",
            f"table {users.name}: {users.username}, {users.email or 'no e-mail'}, "
            f"{users.about_me or 'no about-me'}, {users.last_seen or 'no last-seen'}",
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

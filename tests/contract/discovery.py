"""Collects what a contract run needs to know about a target."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.contract.auth_pages import LockedOut
from tests.contract.exploring import Exploration
from tests.contract.findings import Findings, summary
from tests.contract.importing import MODES, find_entry
from tests.contract.options import Options
from tests.contract.schema import with_schema
from tests.contract.storage import (
    MARK,
    configured_hosts,
    find_admins,
    find_log,
    find_mail,
    find_users,
)
from tests.contract.target_errors import cannot_be_judged, explaining_errors
from tests.harness.database.stores import SchemaFailed, SqliteStore
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.waiting import DeadlineExceeded

#: The environment variable with the scheme and the host of the requests to a target.
FRONT = "HARNESS_FRONT"


def discover(options: Options, scratch: Path) -> Findings:
    """Return the target with its pages, fields, log, users and mail.

    Args:
        scratch: A folder for copies of the target.

    Raises:
        CannotBeJudged: The target cannot be imported, started or explored.
        RegistrationFailed: Registering or signing in has no effect.
    """
    found: list[tuple[str, str]] = []
    entry = find_entry(options, scratch)
    target = replace(entry.target, schema_env=MODES[entry.mode])
    where = "" if target.folder == options.folder else f" in {target.folder.name}/"
    found.append(("application", target.app + where))
    if options.profile.get("schema") in ("models", "migrations"):
        target = replace(
            target, use_migrations=options.profile["schema"] == "migrations"
        )
        schema = f"its {options.profile['schema']}, as set in the profile"
    else:
        target, schema = with_schema(target, scratch / "schema")
    found.append(("schema", schema))
    return _explored(options, target, entry.mode, scratch, found)


def _explored(
    options: Options,
    target: Target,
    mode: str,
    scratch: Path,
    found: list[tuple[str, str]],
    *,
    confirms: bool = False,
) -> Findings:
    """Start the target, explore it, and find its log and its mails.

    Args:
        mode: The key of `MODES` to start it in.
        found: The findings for the summary; more are added.
        confirms: Whether new users have to follow a link in a mail.
    """
    profile = options.profile
    try:
        store = SqliteStore(target, scratch / "store")
    except (SchemaFailed, DeadlineExceeded) as error:
        raise cannot_be_judged(
            "The database schema cannot be created.", str(error)
        ) from None
    target = replace(target, schema=store.template)
    with ExitStack() as stack:
        launcher = Launcher(target, store, scratch / "sites")
        mailbox = stack.enter_context(Mailbox())
        try:
            site = stack.enter_context(
                launcher.launch(
                    env=MODES[mode] if mode == "debug" else {},
                    mail=mailbox if mode == "mail" or confirms else None,
                    arguments=("--no-reload",) if mode == "debug" else (),
                )
            )
        except NotStarted as error:
            raise cannot_be_judged("The target does not start.", str(error)) from None
        front = required_front(site)
        if front != target.env.get(FRONT, ""):
            found.append(("requested", f"as {front}..., as behind a proxy"))
            fronted = replace(target, env={**target.env, FRONT: front})
            scratch = scratch / "front"
            return _explored(options, fronted, mode, scratch, found, confirms=confirms)
        stack.enter_context(explaining_errors(site))
        exploration = Exploration.begin(site, profile)
        try:
            exploration.explore()
        except LockedOut:
            if mode != "plain" or confirms:
                raise
            scratch = scratch / "confirming"
            return _explored(options, target, mode, scratch, found, confirms=True)
        users = find_users(site, exploration.users)
        log = find_log(site, profile.get("log", ""))
        versions = site.probe.versions()
        packages = site.probe.packages()
        settings = site.probe.settings()
    target = replace(target, sitemap=exploration.sitemap, user_table=users, log=log)
    target, mail = _with_mail(target, store, scratch, profile)
    found += summary(target, mail, settings, mode)
    return Findings(target, versions, tuple(found), packages)


def required_front(site: Site) -> str:
    """Return the SCHEME://[HOST] that a target requires of requests, "" for any."""
    scheme, host = urlsplit(site.settings.get(FRONT, "http:"))[:2]
    with suppress(requests.RequestException):  # exploring meets and reports it
        home = site.visitor().home()
        if home.status in (400, 404):
            host = host or next(iter(configured_hosts(site)), "")
        location = urlsplit(home.headers.get("Location", ""))
        if location.scheme == "https":
            scheme = "https"
            host = "" if location.netloc in site.url else location.netloc
    return f"{scheme}://{host}" if host or scheme == "https" else ""


def _with_mail(
    target: Target, store: SqliteStore, scratch: Path, profile: Mapping[str, Any]
) -> tuple[Target, str]:
    """Start the target with a mail server, and find its mails and its log."""
    launcher = Launcher(target, store, scratch / "mailing")
    with Mailbox() as mailbox, ExitStack() as stack:
        try:
            site = stack.enter_context(launcher.launch(mail=mailbox))
        except NotStarted:
            silent = replace(target, mails=False)
            return silent, "none: it does not start with MAIL_SERVER set"
        stack.enter_context(explaining_errors(site))
        if target.log.written:
            site.probe.log("ERROR", MARK)
        else:
            log = find_log(site, profile.get("log", ""))
            target = replace(target, log=log)
        mail = find_mail(mailbox)
        if mail is None:
            admins_setting = site.probe.settings().get("ADMINS", "not set")
            silent = replace(target, mails=False)
            return silent, f"no error is mailed; ADMINS: {admins_setting}"
        admins = find_admins(site, mail.recipients)
        return replace(target, admins=admins), f"to {', '.join(admins)}"

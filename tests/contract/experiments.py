"""Starts a target with several settings, and compares its logging handlers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.contract.evidence import handler_evidence
from tests.contract.stack_traces import raised_at_start
from tests.contract.verdicts import Evidence
from tests.harness.probe.client import Handler
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted

#: Nothing listens on this port: the handler is inspected, and mails nothing.
SERVER = {"MAIL_SERVER": "localhost", "MAIL_PORT": "9"}
ACCOUNT = {"MAIL_USERNAME": "microblog", "MAIL_PASSWORD": "correct horse"}
TLS = "MAIL_USE_TLS"
#: The common values that turn a setting on.
ON = ("1", "true", "True")


@dataclass(frozen=True)
class Found:
    """A logging handler of a site, and its evidence."""

    handler: Handler
    evidence: Evidence


class Experiments:
    """Starts one target with several settings, each of them once."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._tried: dict[object, list[Found]] = {}

    def _start(self, env: dict[str, str], restarts: int = 0) -> list[Found]:
        """Return the logging handlers after a start and some restarts."""
        way = (restarts, *sorted(env.items()))
        if way not in self._tried:
            with self._launcher.launch(env=env) as site:
                for _ in range(restarts):
                    site.restart()
                self._tried[way] = [
                    Found(handler, handler_evidence(handler, site.code))
                    for handler in site.probe.handlers()
                ]
        return self._tried[way]

    def _mailing(self, **env: str) -> Found | None:
        """Return the mail handler after a start, None if there is none."""
        found = self._start({**SERVER, **env})
        return next((one for one in found if "SMTPHandler" in one.handler.bases), None)

    def _writing(self, env: dict[str, str], restarts: int = 0) -> Found | None:
        """Return the file handler after a start and restarts, None if there is none."""
        found = self._start(env, restarts)
        return next((one for one in found if "FileHandler" in one.handler.bases), None)

    def mail_handler(self) -> Iterator[Evidence]:
        """Yield evidence of a mail handler that needs more than MAIL_SERVER."""
        if self._mailing() is not None:
            return
        for env in ({TLS: "1"}, ACCOUNT, {TLS: "1", **ACCOUNT}):
            found = self._mailing(**env)
            if found is not None:
                names = " and ".join(env)
                yield replace(
                    found.evidence,
                    text=f"With MAIL_SERVER alone no mail handler is added; with "
                    f"{names} as well, one is added",
                    key="mail handler inside another condition",
                )
                return

    def starttls(self) -> Iterator[Evidence]:
        """Yield evidence of a MAIL_USE_TLS that works with some values or none."""
        tried = {value: self._mailing(**ACCOUNT, **{TLS: value}) for value in ON}
        found = {value: one for value, one in tried.items() if one is not None}
        working = [value for value, one in found.items() if _encrypts(one)]
        if working and "1" not in working:
            yield Evidence(
                f"{TLS}=1 has no effect, and {TLS}={working[0]} has: the variable is "
                f"compared with {working[0]!r}",
                *reads(self._launcher.target.folder, TLS),
                key=f"{TLS} compared",
            )
        elif found and not working:
            [*_, last] = found.values()
            yield replace(
                last.evidence,
                text=f"The handler is created with secure=None whether {TLS} is "
                f"{', '.join(ON[:-1])} or {ON[-1]}",
            )

    def credentials(self) -> Iterator[Evidence]:
        """Yield evidence of credentials that are ignored, or that demand TLS."""
        ways = {
            "MAIL_USERNAME and MAIL_PASSWORD": ACCOUNT,
            f"MAIL_USERNAME, MAIL_PASSWORD and {TLS}": {**ACCOUNT, TLS: "1"},
        }
        for names, env in ways.items():
            found = self._mailing(**env)
            if found is not None and not found.handler.arguments.get("credentials"):
                yield replace(
                    found.evidence,
                    text=f"With {names} the handler is created without credentials",
                )
            elif found is not None and TLS not in env and _encrypts(found):
                yield replace(
                    found.evidence,
                    text=f"With {names} the handler demands TLS, though {TLS} is unset",
                )

        found = self._mailing(**ACCOUNT)
        settings = found.handler.arguments.get("credentials") if found else None
        if found and settings and settings != list(ACCOUNT):
            yield replace(
                found.evidence,
                text=f"With MAIL_USERNAME and MAIL_PASSWORD the handler's credentials "
                f"are {' and '.join(settings)}",
                key="other credentials",
            )

    def mails_in_debug_mode(self) -> Iterator[Evidence]:
        """Yield evidence of a mail handler that is added in debug mode, too."""
        yield from self._in_debug_mode("SMTPHandler")

    def writes_in_debug_mode(self) -> Iterator[Evidence]:
        """Yield evidence of a file handler that is added in debug mode, too."""
        yield from self._in_debug_mode("FileHandler")

    def _in_debug_mode(self, base: str) -> Iterator[Evidence]:
        for found in self._start({**SERVER, "FLASK_DEBUG": "1"}):
            if base in found.handler.bases:
                yield replace(
                    found.evidence,
                    text=f"In debug mode, too, a {found.handler.kind} is added to the "
                    "logger",
                    key="handlers in debug mode",
                )

    def file_handler(self) -> Iterator[Evidence]:
        """Yield evidence of a file handler that a mail server or a restart affects."""
        mailing = self._writing(SERVER)
        plain = self._writing({})
        restarted = self._writing({}, restarts=1)
        if mailing is not None and plain is None:
            yield replace(
                mailing.evidence,
                text="With MAIL_SERVER a file handler is added, without it none is",
                key="file handler with mail only",
            )
        if plain is not None and restarted is None:
            yield replace(
                plain.evidence,
                text="At the first start a file handler is added; at the next one, "
                "when the directory exists already, none is",
                key="file handler at the first start only",
            )


def _encrypts(found: Found) -> bool:
    return found.handler.arguments.get("secure") is not None


def reads(folder: Path, setting: str) -> tuple[str, int, str]:
    """Return file, line and source of the code that reads a variable."""
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text("utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if setting in line and re.search("environ|getenv|config\\(", line):
                return path.relative_to(folder).as_posix(), number, line.strip()
    return "", 0, ""


Experiment = Callable[[Experiments], Iterator[Evidence]]

#: The experiments that distinguish causes of a failure, by the id of the behaviour.
EXPERIMENTS: dict[str, Experiment] = {
    "mail.error-is-mailed": Experiments.mail_handler,
    "mail.starttls": Experiments.starttls,
    "mail.credentials": Experiments.credentials,
    "mail.off-in-debug": Experiments.mails_in_debug_mode,
    "log.file": Experiments.file_handler,
    "log.off-in-debug": Experiments.writes_in_debug_mode,
    "log.startup": Experiments.file_handler,
    "rotation.restart-continues": Experiments.file_handler,
}


def try_out(experiments: Experiments, identity: str) -> Iterator[Evidence]:
    """Yield the evidence of the experiments for a behaviour, if there are any."""
    if identity in EXPERIMENTS:
        try:
            yield from EXPERIMENTS[identity](experiments)
        except NotStarted as error:
            yield from raised_at_start(str(error))

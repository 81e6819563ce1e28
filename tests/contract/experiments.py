"""Starts a target in several ways, and says what changes between two of them."""

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

#: Nobody listens there: the handler is looked at, and mails nothing.
SERVER = {"MAIL_SERVER": "localhost", "MAIL_PORT": "9"}
ACCOUNT = {"MAIL_USERNAME": "microblog", "MAIL_PASSWORD": "correct horse"}
TLS = "MAIL_USE_TLS"
#: How people set a switch.
ON = ("1", "true", "True")


@dataclass(frozen=True)
class Found:
    """A logging handler of a site, and what is said of it."""

    handler: Handler
    seen: Evidence


class Experiments:
    """Starts one target in several ways; each way is tried once."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._tried: dict[object, list[Found]] = {}

    def _start(self, env: dict[str, str], restarts: int = 0) -> list[Found]:
        """Return the logging handlers after a start, or after restarts."""
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
        """Return the handler that mails after a start with these settings."""
        found = self._start({**SERVER, **env})
        return next((one for one in found if "SMTPHandler" in one.handler.bases), None)

    def _writing(self, env: dict[str, str], restarts: int = 0) -> Found | None:
        """Return the handler that writes to a file after a start, or restarts."""
        found = self._start(env, restarts)
        return next((one for one in found if "FileHandler" in one.handler.bases), None)

    def mail_handler(self) -> Iterator[Evidence]:
        """Yield the settings besides MAIL_SERVER without which nothing is mailed."""
        if self._mailing() is not None:
            return
        for env in ({TLS: "1"}, ACCOUNT, {TLS: "1", **ACCOUNT}):
            found = self._mailing(**env)
            if found is not None:
                names = " and ".join(env)
                yield replace(
                    found.seen,
                    text=f"With MAIL_SERVER alone no handler that mails is added; with "
                    f"{names}, too, there is one",
                    key="mail handler inside another condition",
                )
                return

    def starttls(self) -> Iterator[Evidence]:
        """Yield the values of MAIL_USE_TLS with which the handler is to encrypt."""
        tried = {value: self._mailing(**ACCOUNT, **{TLS: value}) for value in ON}
        found = {value: one for value, one in tried.items() if one is not None}
        heeded = [value for value, one in found.items() if _encrypts(one)]
        if heeded and "1" not in heeded:
            yield Evidence(
                f"{TLS}=1 is ignored, and {TLS}={heeded[0]} is heeded: the variable is "
                f"compared with {heeded[0]!r}",
                *mentioned(self._launcher.target.folder, TLS),
                key=f"{TLS} compared",
            )
        elif found and not heeded:
            [*_, last] = found.values()
            yield replace(
                last.seen,
                text=f"The handler is made with secure=None, whether {TLS} is "
                f"{', '.join(ON[:-1])} or {ON[-1]}",
            )

    def credentials(self) -> Iterator[Evidence]:
        """Yield the settings with which the handler does not just sign in."""
        ways = {
            "MAIL_USERNAME and MAIL_PASSWORD": ACCOUNT,
            f"MAIL_USERNAME, MAIL_PASSWORD and {TLS}": {**ACCOUNT, TLS: "1"},
        }
        for names, env in ways.items():
            found = self._mailing(**env)
            if found is not None and not found.handler.arguments.get("credentials"):
                yield replace(
                    found.seen,
                    text=f"With {names} the handler is made without credentials",
                )
            elif found is not None and TLS not in env and _encrypts(found):
                yield replace(
                    found.seen,
                    text=f"With {names} the handler demands TLS, though {TLS} is unset",
                )

    def file_handler(self) -> Iterator[Evidence]:
        """Yield what a file handler depends on: a mail server, or the first start."""
        mailing = self._writing(SERVER)
        plain = self._writing({})
        restarted = self._writing({}, restarts=1)
        if mailing is not None and plain is None:
            yield replace(
                mailing.seen,
                text="With MAIL_SERVER a handler that writes to a file is added; "
                "without it there is none",
                key="file handler with mail only",
            )
        if plain is not None and restarted is None:
            yield replace(
                plain.seen,
                text="At the first start a handler that writes to a file is added; at "
                "the next, with the directory there already, there is none",
                key="file handler at the first start only",
            )


def _encrypts(found: Found) -> bool:
    return found.handler.arguments.get("secure") is not None


def mentioned(folder: Path, setting: str) -> tuple[str, int, str]:
    """Return file, line and source of the code that reads a variable."""
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text("utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if setting in line and re.search("environ|getenv|config\\(", line):
                return path.relative_to(folder).as_posix(), number, line.strip()
    return "", 0, ""


Experiment = Callable[[Experiments], Iterator[Evidence]]

#: Which experiments tell causes of a failure apart, by the id of the behaviour.
TELLING: dict[str, Experiment] = {
    "mail.error-is-mailed": Experiments.mail_handler,
    "mail.starttls": Experiments.starttls,
    "mail.credentials": Experiments.credentials,
    "log.file": Experiments.file_handler,
    "log.startup": Experiments.file_handler,
    "rotation.restart-continues": Experiments.file_handler,
}


def try_out(experiments: Experiments, identity: str) -> Iterator[Evidence]:
    """Yield what the experiments say that tell causes of a failure apart."""
    if identity in TELLING:
        try:
            yield from TELLING[identity](experiments)
        except NotStarted as error:
            yield from raised_at_start(str(error))

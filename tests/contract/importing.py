"""Finds the application by importing the candidates in the sources."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.contract.checking import check_folder, check_python
from tests.contract.options import Options
from tests.contract.sources import Candidate, candidates
from tests.contract.target_errors import CannotBeJudged, cannot_be_judged
from tests.harness.server.process import Process
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded

#: The maximum seconds of one import.
TIMEOUT = 20.0
#: The maximum number of candidates.
MOST = 8

#: The modes to start a target in, in the order they are tried: environment variables.
MODES: Mapping[str, Mapping[str, str]] = {
    "plain": {},
    "mail": {"MAIL_SERVER": "localhost", "MAIL_PORT": "9"},
    "debug": {"FLASK_DEBUG": "1"},
}


@dataclass(frozen=True)
class Entry:
    """An application that can be imported, and the first mode in which it can."""

    target: Target
    mode: str


@dataclass(frozen=True)
class Attempt:
    """The exit status of an import, None after a timeout, and its output."""

    status: int | None
    output: str

    @property
    def is_hopeless(self) -> bool:
        """Whether the code itself cannot be imported, in whatever mode."""
        signs = ("SyntaxError", "TabError", "IndentationError", "ModuleNotFoundError")
        last = self.output.rstrip().rpartition("\n")[2]
        return any(sign in last for sign in (*signs, "ImportError", "LookupError"))


def find_entry(options: Options, scratch: Path, timeout: float = TIMEOUT) -> Entry:
    """Return the target's application.

    Args:
        timeout: The maximum seconds of one import.

    Raises:
        CannotBeJudged: There is none, or it cannot be imported.
    """
    check_folder(options.folder)
    given = [Candidate(options.folder, options.app)] if options.app else None
    likely = (given or likeliest(options.folder))[:MOST]
    check_python(options.python)
    failed: list[tuple[Candidate, Attempt]] = []
    places: dict[Path, Workplace] = {}
    for number, candidate in enumerate(likely):
        # The whole folder is the original, even if the application is in a subfolder.
        variables = {"HARNESS_ORIGINAL": str(options.folder), **options.env}
        target = Target(candidate.folder, options.python, candidate.app, env=variables)
        if candidate.folder not in places:
            places[candidate.folder] = copied(target, scratch / f"entry-{number}")
        workplace = replace(places[candidate.folder], target=target)
        for mode, env in MODES.items():
            attempt = try_import(workplace, env, timeout)
            if attempt.status == 0:
                return Entry(target, mode)
            if mode == "plain":
                failed.append((candidate, attempt))
            if attempt.is_hopeless or attempt.status is None:
                break
    candidate, attempt = failed[0]
    what = f"{candidate.app} in {candidate.folder} cannot be imported."
    if attempt.status is None:
        what = (
            f"{candidate.app} in {candidate.folder} hangs: its import did not end "
            f"within {timeout:g} s. Does it wait for another server or for input?"
        )
    raise cannot_be_judged(
        what,
        attempt.output,
        "To name another application: --target-app MODULE:NAME",
        options.python,
    )


def likeliest(folder: Path) -> list[Candidate]:
    """Return the candidates for the application of a folder, the likeliest first.

    Raises:
        CannotBeJudged: There is none, or there are several in separate subfolders.
    """
    try:
        found = candidates(folder)
    except CannotBeJudged:
        several = [each for each in sorted(folder.iterdir()) if _has_candidates(each)]
        if len(several) < 2:
            raise
    else:
        several = sorted({one.folder for one in found})
        if folder in several or len(several) == 1:
            return found
    names = ", ".join(path.name for path in several)
    raise CannotBeJudged(
        f"{folder} contains several applications: {names}. Name one, or judge all of "
        "them with --all."
    )


def _has_candidates(folder: Path) -> bool:
    """Return whether a folder has candidates for an application."""
    try:
        return folder.is_dir() and bool(candidates(folder))
    except (CannotBeJudged, PermissionError):
        return False


def copied(target: Target, folder: Path) -> Workplace:
    """Return a copy of the target.

    Raises:
        CannotBeJudged: One of its files cannot be copied.
    """
    try:
        return Workplace.prepare(target, folder)
    except (OSError, shutil.Error) as error:
        [first, *_] = error.args[0] if isinstance(error, shutil.Error) else [error]
        reason = first[2] if isinstance(first, tuple) else first
        raise CannotBeJudged(
            f"{target.folder} cannot be copied: {reason}\n"
            "Make everything that the application needs readable."
        ) from None


def try_import(workplace: Workplace, env: Mapping[str, str], timeout: float) -> Attempt:
    """Import the application with the probe in a new process."""
    output = workplace.folder / "import.txt"
    output.unlink(missing_ok=True)
    process = Process(
        [workplace.target.python, "-c", "import harness_probe"],
        cwd=workplace.code,
        env={
            **workplace.environment(),
            "DATABASE_URL": f"sqlite:///{workplace.folder}/import.db",
            **env,
        },
        output=output,
    )
    try:
        return Attempt(process.wait(timeout), process.output)
    except DeadlineExceeded:
        return Attempt(None, process.output)
    finally:
        process.kill()

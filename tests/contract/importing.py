"""Finds the entry point: tries what the sources suggest until one imports."""

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

#: Seconds that an application may take to be imported.
PATIENCE = 20.0
#: No more places than these are tried.
MOST = 8

#: The ways to start, the plainest first: what is set in the environment.
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
    """How the import of a candidate ended: its status, None if it did not end."""

    status: int | None
    output: str

    @property
    def is_hopeless(self) -> bool:
        """Whether another mode cannot help: the code itself cannot be imported."""
        signs = ("SyntaxError", "TabError", "IndentationError", "ModuleNotFoundError")
        last = self.output.rstrip().rpartition("\n")[2]
        return any(sign in last for sign in (*signs, "ImportError", "LookupError"))


def find_entry(options: Options, scratch: Path, patience: float = PATIENCE) -> Entry:
    """
    Return the target's entry point.

    :param patience: seconds that one import may take
    :raise CannotBeJudged: there is none, or it cannot be imported
    """
    check_folder(options.folder)
    named = [Candidate(options.folder, options.app)] if options.app else None
    likely = (named or likeliest(options.folder))[:MOST]
    check_python(options.python)
    failed: list[tuple[Candidate, Attempt]] = []
    places: dict[Path, Workplace] = {}
    for number, candidate in enumerate(likely):
        # The original is all that was named, though the application lies deeper.
        given = {"HARNESS_ORIGINAL": str(options.folder), **options.env}
        target = Target(candidate.folder, options.python, candidate.app, env=given)
        if candidate.folder not in places:
            places[candidate.folder] = copied(target, scratch / f"entry-{number}")
        workplace = replace(places[candidate.folder], target=target)
        for mode, env in MODES.items():
            attempt = try_import(workplace, env, patience)
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
            f"within {patience:g} s. Does it wait for another server, or ask for input?"
        )
    raise cannot_be_judged(
        what,
        attempt.output,
        "Another entry point? --target-app MODULE:NAME",
        options.python,
    )


def likeliest(folder: Path) -> list[Candidate]:
    """
    Return where the application of a folder may be, the likeliest first.

    :raise CannotBeJudged: there is none, or there are several in folders of their own
    """
    try:
        found = candidates(folder)
    except CannotBeJudged:
        several = [path for path in sorted(folder.iterdir()) if _has_one(path)]
        if len(several) < 2:
            raise
    else:
        several = sorted({one.folder for one in found})
        if folder in several or len(several) == 1:
            return found
    names = ", ".join(path.name for path in several)
    raise CannotBeJudged(
        f"{folder} holds folders with applications of their own: {names}. Name one, or "
        "judge all of them with --all."
    )


def _has_one(folder: Path) -> bool:
    """Return whether an application may be in a folder."""
    try:
        return folder.is_dir() and bool(candidates(folder))
    except (CannotBeJudged, PermissionError):
        return False


def copied(target: Target, folder: Path) -> Workplace:
    """
    Copy the target.

    :raise CannotBeJudged: something in it cannot be read
    """
    try:
        return Workplace.prepare(target, folder)
    except (OSError, shutil.Error) as error:
        [first, *_] = error.args[0] if isinstance(error, shutil.Error) else [error]
        said = first[2] if isinstance(first, tuple) else first
        raise CannotBeJudged(
            f"{target.folder} cannot be copied: {said}\n"
            "Everything that the application needs has to be readable."
        ) from None


def try_import(
    workplace: Workplace, env: Mapping[str, str], patience: float
) -> Attempt:
    """Import the application, with the probe in it, in a process of its own."""
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
        return Attempt(process.wait(patience), process.output)
    except DeadlineExceeded:
        return Attempt(None, process.output)
    finally:
        process.kill()

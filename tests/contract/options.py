"""What one says on the command line, and in a profile."""

import argparse
import os
import sys
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.environment import find_interpreter
from tests.contract.expected_failures import read_expected, read_report
from tests.contract.grading import EXAMPLE, Weights, read_weights
from tests.contract.reports.grades import SERVICES
from tests.contract.submissions import GIT, submissions_in
from tests.contract.target_errors import CannotBeJudged
from tests.harness.plugin.catalogue import AREAS, MUST

#: What a profile may say, and of which kind it is.
PROFILE: Mapping[str, type] = {
    "app": str,
    "log": str,
    "schema": str,
    "places": dict,
    "fields": dict,
    "extra": dict,
    "users": dict,
    "env": dict,
}


@dataclass(frozen=True)
class Options:
    """One contract run: what is judged, how, and where it is reported."""

    folder: Path
    python: str
    #: The folders and repositories to judge side by side; none: only the one above.
    submissions: tuple[str, ...] = ()
    #: The arguments that hold for each of them.
    others: tuple[str, ...] = ()
    app: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    level: str = MUST
    #: What the ids of the behaviours to judge start with; none: all.
    behaviours: tuple[str, ...] = ()
    #: The ids of the behaviours to judge; none: all.
    identities: frozenset[str] = frozenset()
    report: Path | None = None
    #: The ids of the behaviours that are known to fail.
    expected: frozenset[str] = frozenset()
    baseline: Path | None = None
    #: Whether to install what the target needs.
    install: bool = False
    #: The service to grade for, "" for none, and the points.
    grade: str = ""
    weights: Weights = field(default_factory=Weights)
    badge: Path | None = None
    #: Whether to list the behaviours, and judge nothing.
    only_list: bool = False
    #: Whether the failures of an earlier report are judged again.
    is_replay: bool = False


GRADES = f"write a grade: {', '.join(SERVICES)}"
LIST = textwrap.fill(", ".join(AREAS), 79)
EPILOG = f"""\
examples:
  microblog-check ../my-microblog
  microblog-check ../my-microblog --behaviour mail --level should --report report
  microblog-check --replay report
  microblog-check --all submissions --report report --grade gradescope

areas:
{LIST}

exit status: 0 all of the level hold, 1 some do not, 2 the target cannot be judged,
3 the harness could not judge
"""


def parse(arguments: Sequence[str]) -> Options:
    """
    Return what *arguments* say.

    :raise CannotBeJudged: a file that they name cannot be used
    """
    parser = argparse.ArgumentParser(
        prog="microblog-check",
        usage="%(prog)s PATH ... [options]",
        description="Judge an implementation of the chapter: which behaviours hold?",
        epilog=EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
            prog, max_help_position=31
        ),
        allow_abbrev=False,
    )
    add = parser.add_argument
    many: dict[str, Any] = {"action": "append", "default": []}
    add("folders", nargs="*", metavar="PATH", help="its folder, or git+URL; only read")
    add("--target", metavar="PATH", type=Path, help="the same")
    add("--all", metavar="FOLDER", type=Path, help="judge each folder in it")
    add("--target-python", metavar="PYTHON", help="interpreter or virtual environment")
    add("--install", action="store_true", help="install what it needs, in a cache")
    add("--target-app", default="", metavar="MODULE[:NAME]", help="what to import")
    add("--target-env", **many, metavar="KEY=VALUE", type=_pair, help="a variable")
    add("--target-profile", metavar="FILE.toml", help="what it cannot find out")
    add("--level", choices=["must", "should"], help="should: both (default: must)")
    add("--behaviour", **many, metavar="PREFIX", help="only some (default: all)")
    add("--report", type=Path, metavar="DIR", help="write the reports there")
    add("--grade", choices=list(SERVICES), metavar="SERVICE", help=GRADES)
    add("--weights", type=Path, metavar="FILE.toml", default=EXAMPLE, help="points")
    add("--badge", type=Path, metavar="FILE", help="write JSON for a badge of Shields")
    add("--list", action="store_true", help="list the behaviours, and judge nothing")
    add("--replay", type=Path, metavar="REPORT", help="judge again what failed in it")
    known = parser.add_mutually_exclusive_group()
    add = known.add_argument
    add("--expected-failures", type=Path, metavar="FILE", help="ids that may fail")
    add("--write-baseline", type=Path, metavar="FILE", help="write the ids that fail")
    given = parser.parse_args(arguments)
    if (
        len(given.folders) > 1
        and (whole := Path(" ".join(map(str, given.folders)))).exists()
    ):
        raise CannotBeJudged(f'A path with blanks needs quotes: "{whole}".')
    replayed = read_report(given.replay) if given.replay else None
    below = map(str, submissions_in(given.all)) if given.all else []
    folders = [*given.folders, *below]
    several = given.all or len(folders) > 1 or "".join(folders).startswith(GIT)
    folder = given.target or (replayed.folder if replayed else None)
    folder = folders[0] if folders else folder
    if folder is None and not given.list:
        parser.error("name the folder of the implementation")
    folder = Path(os.path.abspath(folder or "."))
    profile = read_profile(Path(given.target_profile)) if given.target_profile else {}
    level = given.level.upper() if given.level else replayed.level if replayed else MUST
    expected = given.expected_failures
    return Options(
        folder=folder,
        submissions=tuple(folders) if several else (),
        others=shared_arguments(arguments, given.folders),
        python=sys.executable
        if given.install and not given.target_python
        else find_interpreter(folder, given.target_python),
        install=given.install,
        app=given.target_app or profile.get("app", ""),
        env={**profile.get("env", {}), **dict(given.target_env)},
        profile=profile,
        level=level,
        behaviours=tuple(given.behaviour),
        identities=replayed.failures if replayed else frozenset(),
        report=given.report,
        expected=read_expected(expected) if expected else frozenset(),
        baseline=given.write_baseline,
        grade=given.grade or "",
        weights=read_weights(given.weights),
        badge=given.badge,
        only_list=given.list,
        is_replay=replayed is not None,
    )


def shared_arguments(
    arguments: Sequence[str], folders: Sequence[str]
) -> tuple[str, ...]:
    """Return the arguments that are neither a folder nor about all submissions."""
    own = ("--all", "--report", "--badge")
    shared: list[str] = []
    skip = False
    for argument in arguments:
        if skip or argument in folders:
            skip = False
        elif argument in own:
            skip = True
        elif argument.partition("=")[0] not in own:
            shared.append(argument)
    return tuple(shared)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return name, value


def read_profile(path: Path) -> dict[str, Any]:
    """
    Return what the profile *path* overrules.

    :raise CannotBeJudged: it cannot be read, or says what no profile can say
    """
    try:
        profile = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CannotBeJudged(f"The profile {path} cannot be read: {error}") from None
    for key, value in profile.items():
        if key not in PROFILE or not isinstance(value, PROFILE[key]):
            known = ", ".join(
                f"{name} ({kind.__name__})" for name, kind in PROFILE.items()
            )
            raise CannotBeJudged(
                f"The profile {path} says {key!r}; it can say: {known}."
            )
    return profile

"""The options of the command line, and the settings of a profile."""

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

#: The settings of a profile, with their types.
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
    """The options of one contract run."""

    folder: Path
    python: str
    #: The folders and repositories to judge in parallel; () means only `folder`.
    submissions: tuple[str, ...] = ()
    #: The arguments that apply to each submission.
    others: tuple[str, ...] = ()
    app: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    level: str = MUST
    #: Prefixes of the ids of the behaviours to judge; () means all.
    behaviours: tuple[str, ...] = ()
    #: The ids of the behaviours to judge; the empty set means all.
    identities: frozenset[str] = frozenset()
    report: Path | None = None
    #: The ids of the behaviours that are expected to fail.
    expected: frozenset[str] = frozenset()
    baseline: Path | None = None
    #: Whether to install the target's requirements.
    install: bool = False
    #: The service to write a grade for, "" for none, and the points.
    grade: str = ""
    weights: Weights = field(default_factory=Weights)
    badge: Path | None = None
    #: Whether to list the behaviours without judging them.
    only_list: bool = False
    #: Whether to judge the failures of an earlier report again.
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

exit status: 0 all behaviours of the level hold, 1 some do not, 2 the target cannot
be judged, 3 the harness could not judge
"""


def parse(arguments: Sequence[str]) -> Options:
    """Parse the arguments of the command line.

    Raises:
        CannotBeJudged: A file or a folder among them cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="microblog-check",
        usage="%(prog)s PATH ... [options]",
        description="Report which behaviours of the chapter an implementation has.",
        epilog=EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
            prog, max_help_position=31
        ),
        allow_abbrev=False,
    )
    add = parser.add_argument
    many: dict[str, Any] = {"action": "append", "default": []}
    add("folders", nargs="*", metavar="PATH", help="a folder, or git+URL; not changed")
    add("--target", metavar="PATH", type=Path, help="the same as PATH")
    add("--all", metavar="FOLDER", type=Path, help="judge each of its folders")
    add("--target-python", metavar="PYTHON", help="interpreter or virtual environment")
    add("--install", action="store_true", help="install its requirements (cached)")
    add("--target-app", default="", metavar="MODULE[:NAME]", help="the application")
    add(
        "--target-env",
        **many,
        metavar="KEY=VALUE",
        type=_pair,
        help="an environment variable",
    )
    add("--target-profile", metavar="FILE.toml", help="see docs/judging.md")
    add(
        "--level",
        choices=["must", "should"],
        help="should: both levels (default: must)",
    )
    add("--behaviour", **many, metavar="PREFIX", help="only these ids (default: all)")
    add("--report", type=Path, metavar="DIR", help="write reports to this folder")
    add("--grade", choices=list(SERVICES), metavar="SERVICE", help=GRADES)
    add(
        "--weights",
        type=Path,
        metavar="FILE.toml",
        default=EXAMPLE,
        help="the points of a grade",
    )
    add("--badge", type=Path, metavar="FILE", help="write a badge for shields.io")
    add("--list", action="store_true", help="list the behaviours and exit")
    add("--replay", type=Path, metavar="REPORT", help="judge its failures again")
    known = parser.add_mutually_exclusive_group()
    add = known.add_argument
    add("--expected-failures", type=Path, metavar="FILE", help="the ids that may fail")
    add(
        "--write-baseline",
        type=Path,
        metavar="FILE",
        help="write the failing ids to a file",
    )
    given = parser.parse_args(arguments)
    if (
        len(given.folders) > 1
        and (whole := Path(" ".join(map(str, given.folders)))).exists()
    ):
        raise CannotBeJudged(f'A path with spaces needs quotes: "{whole}".')
    replayed = read_report(given.replay) if given.replay else None
    below = map(str, submissions_in(given.all)) if given.all else []
    folders = [*given.folders, *below]
    several = given.all or len(folders) > 1 or "".join(folders).startswith(GIT)
    folder = given.target or (replayed.folder if replayed else None)
    folder = folders[0] if folders else folder
    if folder is None and not given.list:
        parser.error("the folder of the implementation is required")
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
    """Return the arguments that apply to each submission, without the folders."""
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
    """Return the settings of a profile.

    Raises:
        CannotBeJudged: It cannot be read, or has an unknown or a wrong setting.
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
                f"The profile {path} has an invalid {key!r}; it may have: {known}."
            )
    return profile

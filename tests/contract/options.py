"""What one says on the command line, and in a profile."""

import argparse
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.target_errors import CannotBeJudged
from tests.harness.plugin.behaviour import MUST, SHOULD

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
    app: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    level: str = MUST
    behaviours: tuple[str, ...] = ()
    report: Path | None = None


def parse(arguments: Sequence[str], python: str) -> Options:
    """
    Return what *arguments* say; *python* is the interpreter where they name none.

    :raise CannotBeJudged: the profile cannot be used
    """
    parser = argparse.ArgumentParser(
        prog="tox -e contract --",
        description="Judge an implementation of the chapter: which behaviours hold?",
        epilog="Exit status: 0 all of the level hold, 1 some do not, 2 the target "
        "cannot be judged, 3 the harness could not judge.",
    )
    add = parser.add_argument
    add("--target", required=True, metavar="PATH", help="its folder; it is only read")
    add("--target-python", metavar="PYTHON", help="its interpreter, that of its venv")
    add("--target-app", default="", metavar="MODULE[:NAME]", help="what to import")
    add("--target-env", action="append", default=[], metavar="KEY=VALUE", type=_pair)
    add("--target-profile", metavar="FILE.toml", help="what it cannot find out")
    add("--level", choices=["must", "should"], default="must")
    add("--behaviour", action="append", default=[], metavar="PREFIX")
    add(
        "--report", type=Path, metavar="DIR", help="write JSON, Markdown and HTML there"
    )
    said = parser.parse_args(arguments)
    profile = read_profile(Path(said.target_profile)) if said.target_profile else {}
    return Options(
        folder=Path(os.path.abspath(said.target)),
        python=_interpreter(said.target_python) if said.target_python else python,
        app=said.target_app or profile.get("app", ""),
        env={**profile.get("env", {}), **dict(said.target_env)},
        profile=profile,
        level=SHOULD if said.level == "should" else MUST,
        behaviours=tuple(said.behaviour),
        report=said.report,
    )


def _interpreter(name: str) -> str:
    """
    Return an interpreter as it can be run from any folder; a bare name is on the PATH.

    No link is followed: behind that of a virtual environment is another interpreter.
    """
    return os.path.abspath(name) if os.path.dirname(name) else name


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

"""Judges a target in an environment, and checks that it ran with its packages."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.submissions import judge_folder
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import Report
from tests.contract.versions.environments import Environment, demand


@dataclass(frozen=True)
class Request:
    """A target to judge, with an interpreter and further arguments."""

    target: Path
    #: The interpreter of environments whose spec has none.
    python: str
    #: Further arguments of ``microblog-check``.
    arguments: tuple[str, ...] = ()


def judge(
    request: Request,
    environment: Environment,
    report: Path,
    behaviours: Sequence[str] = (),
) -> Report:
    """Judge a target in an environment and return its report.

    Args:
        report: The folder to write the reports to.
        behaviours: The ids of the behaviours to judge; () means those that the
            arguments of the request select.

    Raises:
        CannotBeJudged: There is no report, or the target ran with other packages.
    """
    chosen = [text for one in behaviours for text in ("--behaviour", one)]
    arguments = [*request.arguments, "--target-python", environment.interpreter]
    environ = {**os.environ, "GITHUB_STEP_SUMMARY": ""}
    report.mkdir(parents=True, exist_ok=True)
    judged = judge_folder(
        str(request.target), [*arguments, *chosen], report, environ=environ
    )
    if "target" not in judged:
        raise CannotBeJudged(f"{judged['headline']}.\nSee {report / 'output.txt'}")
    target: dict[str, Any] = {**judged["target"]}
    if target["packages"]:
        demand(
            environment.versions,
            {"python": target["versions"]["Python"], **target["packages"]},
        )
    else:  # the target did not start
        packages = {name: one.version for name, one in environment.packages.items()}
        target |= {"versions": {"Python": environment.python}, "packages": packages}
    return {**judged, "target": target}

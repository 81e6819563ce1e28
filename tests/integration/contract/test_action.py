"""The GitHub action that judges the repository of a workflow."""

import os
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.harness.target.target import REPOSITORY

#: Stands in for Python and, in the virtual environment that it makes, for pip and tox.
PROGRAM = """#!/bin/sh
case "$0" in
  */tox) printf '%s\\n' "$@"; exit "${STATUS:-0}" ;;
  */pip) ;;
  *) mkdir -p "$3/bin"; cp "$0" "$3/bin/pip"; cp "$0" "$3/bin/tox" ;;
esac
"""


def run(workspace: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the action in a workspace."""
    script = (REPOSITORY / "action.yml").read_text().partition("run: |\n")[2]
    python = workspace / "python"
    python.write_text(PROGRAM)
    python.chmod(0o755)
    env = dict.fromkeys(("APP", "AREAS", "EXPECTED", "INTERPRETER", "PROFILE"), "")
    return subprocess.run(
        ["bash", "-e", "-c", textwrap.dedent(script)],
        cwd=workspace,
        env={
            **env,
            **{"PATH": os.environ["PATH"], "PYTHON": str(python)},
            **{"RUNNER_TEMP": str(workspace / "temp"), "ACTION": "/action"},
            **{"TARGET": ".", "LEVEL": "must", "REPORT": "behaviours"},
            **{"INSTALL": "false", "GITHUB_OUTPUT": str(workspace / "outputs")},
            **inputs,
        },
        capture_output=True,
        text=True,
        timeout=20,
    )


def handed_over(workspace: Path, **inputs: str) -> list[str]:
    """Return the options that the action passes to the command."""
    finished = run(workspace, **inputs)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout.partition("--\n")[2].splitlines()


def test_plain(tmp_path: Path) -> None:
    """By default, the workspace itself is judged."""
    assert handed_over(tmp_path) == [
        f"--target={tmp_path}/.",
        "--level=must",
        f"--report={tmp_path}/behaviours",
    ]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("venv/bin/python", "{here}/venv/bin/python"),
        ("/opt/python", "/opt/python"),
        ("python3.9", "python3.9"),
    ],
    ids=["relative", "absolute", "on-the-path"],
)
def test_interpreter(tmp_path: Path, written: str, named: str) -> None:
    """A relative interpreter is one of the workspace; others are left unchanged."""
    arguments = handed_over(tmp_path, INTERPRETER=written)

    assert f"--target-python={named.format(here=tmp_path)}" in arguments


@pytest.mark.parametrize(
    ("path", "named"), [("blog", "{here}/blog"), ("/srv/blog", "/srv/blog")]
)
def test_paths(tmp_path: Path, path: str, named: str) -> None:
    """Relative paths are resolved in the workspace."""
    arguments = handed_over(
        tmp_path, TARGET=path, REPORT=path, PROFILE=path, EXPECTED=path, APP="a:b"
    )

    assert "--target-app=a:b" in arguments
    assert {
        f"--{one}={named.format(here=tmp_path)}"
        for one in ("target", "report", "target-profile", "expected-failures")
    } < set(arguments)


@pytest.mark.parametrize(
    "areas", ["errors mail.tls", "errors, mail.tls", "errors,mail.tls"]
)
def test_areas(tmp_path: Path, areas: str) -> None:
    """The input for areas is separated by spaces or commas."""
    *_, first, second = handed_over(tmp_path, AREAS=areas)

    assert (first, second) == ("--behaviour=errors", "--behaviour=mail.tls")


def test_install(tmp_path: Path) -> None:
    """The input for installing passes --install to the command."""
    assert "--install" in handed_over(tmp_path, INSTALL="true")


@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_status(tmp_path: Path, status: int) -> None:
    """The step fails with the exit status of the command."""
    assert run(tmp_path, STATUS=str(status)).returncode == status
    assert (tmp_path / "outputs").read_text() == (
        f"status={status}\nreport={tmp_path}/behaviours\n"
    )

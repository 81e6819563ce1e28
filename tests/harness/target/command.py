"""A command of the target that runs to its end, such as `flask db upgrade`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.target.workplace import Workplace


@dataclass(frozen=True)
class CompletedCommand:
    """The exit status and the output of a command."""

    status: int
    output: str

    @property
    def last_line(self) -> str:
        """The last line of the output, "" if there is none."""
        return self.output.rstrip().rpartition("\n")[2]


def run(
    workplace: Workplace,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    probed: bool = False,
    cwd: Path | None = None,
    within: float = 30.0,
) -> CompletedCommand:
    """Run ``python -m ARGUMENTS`` in a workplace and wait for its end.

    Args:
        env: Environment variables that take precedence over all others.
        probed: Whether FLASK_APP is the probe, or else the target itself.
        cwd: The current directory, by default the copy of the target.
        within: Seconds until the command is killed.

    Raises:
        DeadlineExceeded: It had to be killed.
    """
    output = workplace.folder / "command.txt"
    output.unlink(missing_ok=True)
    process = workplace.run(*arguments, output=output, env=env, probed=probed, cwd=cwd)
    try:
        return CompletedCommand(process.wait(within), process.output)
    finally:
        process.kill()

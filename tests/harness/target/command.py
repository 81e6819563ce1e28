"""A command of the target that runs and ends, such as `flask db upgrade`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.target.workplace import Workplace


@dataclass(frozen=True)
class CompletedCommand:
    """What a command left: its exit status, and all that it printed."""

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
    """
    Run ``python -m ARGUMENTS`` in *workplace*, and wait for its end.

    :param env: environment variables, on top of the target's own
    :param probed: whether FLASK_APP is the probe, or the target alone
    :param cwd: the current directory; None: the copy of the target
    :param within: seconds, after which the command is killed and the test fails
    """
    output = workplace.folder / "command.txt"
    output.unlink(missing_ok=True)
    process = workplace.run(*arguments, output=output, env=env, probed=probed, cwd=cwd)
    try:
        return CompletedCommand(process.wait(within), process.output)
    finally:
        process.kill()

"""`--install`: an environment for a target, in a cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.contract.environment import interpreter_in
from tests.contract.requirements import Requirements, find_requirements
from tests.contract.target_errors import CannotBeJudged, OutsideTarget

#: Seconds that an installation may take.
TIMEOUT = 600.0

TOO_NEW = (
    "{0} cannot be built here: {python} or setuptools is too new for that version, or "
    "there is no compiler. Loosen the pin, or name an older Python: --target-python "
    "python3.8"
)
UNKNOWN = "{0} does not exist for {python}. Correct its name or version"
CONFLICT = "they contradict each other: {0}. Loosen a pin"
#: Signs in what pip or uv print, and what they mean for the author.
REASONS = (
    (r"Failed (?:to build|building wheel for) [`'\"]?([\w.=-]+)", TOO_NEW),
    (
        r"Collecting (\S+)(?:(?!Collecting )[\s\S])*subprocess-exited-with-error",
        TOO_NEW,
    ),
    (r"No matching distribution found for (\S+)", UNKNOWN),
    (r"Because there is no version of (\S+)", UNKNOWN),
    (r"Because (\S+) was not found", UNKNOWN),
    (r"The conflict is caused by:\s+([^\n]+\n[^\n]+)", CONFLICT),
    (r"Because ([^\n]+?), we can conclude", CONFLICT),
    (r"((?:Invalid|Couldn't parse) requirement[^\n]*)", "{0}. Correct that line"),
)
#: Printed by pip and uv if the package index does not answer.
OFFLINE = re.compile(
    r"name resolution|Network is unreachable|Connection refused|dns error|"
    r"Failed to establish a new connection|error sending request|timed out"
)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of all environments that were made."""
    root = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "microblog-check"


def cached(
    cache: Path, python: str, packages: str, make: Callable[[Path], None]
) -> tuple[Path, bool]:
    """Return the folder of an environment, and whether it was made just now.

    Args:
        cache: The folder of all environments.
        python: The interpreter that the environment is made with.
        packages: Names what is installed; the folder depends on it and on *python*.
        make: Makes the virtual environment, as ``venv`` in the folder that it gets.
    """
    base = os.path.realpath(shutil.which(python) or python)
    key = hashlib.sha256(f"{base}\n{packages}".encode()).hexdigest()[:16]
    folder = cache / key
    if interpreter_in(folder / "venv"):
        return folder, False
    cache.mkdir(parents=True, exist_ok=True)
    # Made aside and moved: another process may make the same environment.
    with tempfile.TemporaryDirectory(dir=cache, prefix="new-") as scratch:
        made = Path(scratch) / key
        made.mkdir()
        make(made)
        if not interpreter_in(folder / "venv"):
            shutil.rmtree(folder, ignore_errors=True)  # its interpreter is gone
            made.rename(folder)
    return folder, True


def install(folder: Path, python: str, cache: Path) -> tuple[str, str]:
    """Return the interpreter of an environment with what a target needs.

    It is made on the first call, and again when the requirements or the interpreter
    change.

    Args:
        folder: The folder of the target.
        python: The interpreter that the environment is made with.
        cache: The folder of all environments.

    Returns:
        The interpreter, and what was chosen, in words.

    Raises:
        CannotBeJudged: The requirements cannot be read or installed.
    """
    needed = find_requirements(folder)
    uv = shutil.which("uv")
    packages = "\n".join((*needed.lines, "", *needed.constraints))
    environment, new = cached(
        cache, python, packages, lambda made: _make(made, needed, python, uv)
    )
    how = f"installed with {'uv' if uv else 'pip'}" if new else "installed before"
    chosen = f"{needed.source}, {how} in {environment}"
    if needed.source.startswith("the imports"):
        limits = (
            f" (with {', '.join(needed.constraints)})" if needed.constraints else ""
        )
        chosen = f"{', '.join(needed.lines)}{limits}: {chosen}"
    return str(interpreter_in(environment / "venv")), chosen


def _make(made: Path, needed: Requirements, python: str, uv: str | None) -> None:
    """Make an environment and install into it."""
    wanted, pins = made / "wanted.txt", made / "pins.txt"
    wanted.write_text("\n".join(needed.lines) + "\n", encoding="utf-8")
    pins.write_text("\n".join(needed.constraints) + "\n", encoding="utf-8")
    venv = [uv, "venv", "--seed", "--python", python] if uv else [python, "-m", "venv"]
    status, output = _run([*venv, str(made / "venv")])
    if status:
        raise OutsideTarget(
            f"{python} cannot make a virtual environment: {_last(output)}. "
            "On Debian: apt install python3-venv."
        )
    inside = str(interpreter_in(made / "venv"))
    pip = [uv, "pip"] if uv else [inside, "-m", "pip", "--disable-pip-version-check"]
    into = ["--python", inside] if uv else []
    status, output = _run([*pip, "install", *into, "-r", str(wanted), "-c", str(pins)])
    if status and OFFLINE.search(output):
        raise OutsideTarget(
            f"What the target needs ({needed.source}) cannot be installed: the package "
            "index cannot be reached. Is there a network?"
        )
    if status:
        raise CannotBeJudged(_explained(needed, output, python))


def _run(command: Sequence[str]) -> tuple[int, str]:
    try:
        finished = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return 1, f"it did not end within {TIMEOUT:.0f} s"
    return finished.returncode, finished.stdout


def _explained(needed: Requirements, output: str, python: str) -> str:
    """Return the one line on requirements that cannot be installed."""
    what = f"What the target needs ({needed.source}) cannot be installed:"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    for pattern, advice in REASONS:
        if found := re.search(pattern, plain):
            reason = " ".join(found[1].split()).rstrip(",.")
            pinned = [one for one in needed.lines if one.startswith(f"{reason}==")]
            reason = pinned[0] if pinned else reason
            name = os.path.basename(python)
            named = "this Python" if name == "python" else name
            return f"{what} {advice.format(reason, python=named)}."
    return f"{what} {_last(plain)}."


def _last(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "nothing was printed"

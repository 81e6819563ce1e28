"""Virtual environments with the packages of a lock, created by uv and cached."""

import json
import os
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from tests.contract.environment import INTERPRETERS, interpreter_in
from tests.contract.installing import cache_folder, cached
from tests.contract.requirements import find_requirements, read_requirements
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import canonical
from tests.contract.versions.requirements import (
    from_pins,
    overridden,
    parsed_lines,
    without_pins,
)
from tests.contract.versions.specs import MAIN, Spec, main_branch
from tests.contract.versions.uv import NotInstallable, uv

#: Prints the version of Python and the metadata of each installed distribution.
INSPECT = """\
import json, platform
from importlib.metadata import distributions
found = [
    (one.metadata["Name"], one.version, one.requires or [],
     one.metadata.get_all("Project-URL") or [])
    for one in distributions()
]
print(json.dumps([platform.python_version(), found]))
"""


@dataclass(frozen=True)
class Package:
    """An installed package."""

    name: str
    version: str
    #: The requirement for exactly this version.
    pin: str
    requires: tuple[str, ...] = ()
    #: The project URLs by label, such as "Changes".
    urls: Mapping[str, str] = field(default_factory=dict)
    #: The time of its upload to the index, None if unknown.
    uploaded: datetime | None = None

    @property
    def changelog(self) -> str:
        """The URL of the changelog, else of the project, "" without either."""
        for sought in ("change", "release", "history", "news", "source", "home", ""):
            for label, url in self.urls.items():
                if sought in label.lower():
                    return url
        return ""


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the packages of a lock."""

    folder: Path
    #: The interpreter that it was created with.
    base: str
    #: The version of Python.
    python: str
    packages: Mapping[str, Package]

    @property
    def lock(self) -> Path:
        """The path of the lock."""
        return self.folder / "pylock.toml"

    @property
    def interpreter(self) -> str:
        """The path of the interpreter."""
        return interpreter_in(self.folder / "venv") or ""

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of Python and of all packages, by name."""
        packages = {name: one.version for name, one in self.packages.items()}
        return {"python": self.python, **packages}


def find_python(text: str, default: str) -> str:
    """Return the path of an interpreter.

    Args:
        text: A version, an interpreter or a virtual environment; "" for *default*.
        default: The default interpreter.

    Raises:
        CannotBeJudged: No such interpreter was found.
    """
    path = Path(text or default)
    if path.is_dir():
        return interpreter_in(path) or ""
    if path.is_file():
        return os.path.abspath(path)
    # pyenv adds only the selected versions to the PATH.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in INTERPRETERS:
        if found := sorted(pyenv.glob(f"{path}*/{name}")):
            return str(found[-1])
    try:
        return uv("python", "find", str(path), cwd=Path.cwd()).strip()
    except NotInstallable:
        raise CannotBeJudged(f"There is no interpreter {path} here.") from None


def make(spec: Spec, target: Path, default_python: str) -> Environment:
    """Return the environment of one end of a comparison, from the cache if possible.

    Args:
        target: The folder of the target, for its requirements.
        default_python: The interpreter for a spec without one.

    Raises:
        CannotBeJudged: The spec does not fit the target.
        NotInstallable: The packages cannot be resolved or installed.
    """
    python = find_python(spec.python, default_python)
    return install(lock(spec, target, python), python)


def lock(spec: Spec, target: Path, python: str) -> str:
    """Return the lock of one end of a comparison.

    Raises:
        CannotBeJudged: The spec does not fit the target.
        NotInstallable: The packages cannot be resolved.
    """
    if spec.file is not None and spec.is_lock:
        return _read_lock(spec, spec.file, python)
    found = read_requirements(spec.file) if spec.file else find_requirements(target)
    wanted = parsed_lines(found)
    if spec.file is None:
        wanted = from_pins(wanted) if spec.lowest else without_pins(wanted)
    wanted = overridden(wanted, spec.requirements)
    options = []
    if spec.lowest:
        _demand_lower_bounds(wanted)
        options += ["--resolution", "lowest-direct"]
    if spec.before is not None:
        options += ["--exclude-newer", spec.before.isoformat()]
    overrides = [main_branch(name) for name in MAIN] if spec.main else []
    return resolve(map(str, wanted), python, *options, overrides=overrides)


def _read_lock(spec: Spec, file: Path, python: str) -> str:
    if spec.requirements or spec.before or spec.lowest or spec.main:
        raise CannotBeJudged(
            f"{spec.text}: a lock cannot be combined with anything but a Python."
        )
    if file.name == "uv.lock":
        return uv(
            *("export", "--frozen", "--no-emit-project", "--no-dev", "--no-header"),
            *("--format", "pylock.toml", "--project", str(file.parent)),
            cwd=file.parent,
        )
    if file.name == "poetry.lock":
        found = read_requirements(file)
        if not found.lines:
            raise CannotBeJudged(f"{file}: pyproject.toml has no dependencies.")
        return resolve(found.lines, python, constraints=found.constraints)
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CannotBeJudged(f"{file} cannot be read: {error}") from None


def _demand_lower_bounds(requirements: Iterable[Requirement]) -> None:
    """Raise an error unless all requirements have a lower bound.

    Raises:
        CannotBeJudged: One of them has none.
    """
    lower = (">", "=", "~")
    unbound = [
        one.name
        for one in requirements
        if not any(each.operator.startswith(lower) for each in one.specifier)
        and one.url is None
    ]
    if unbound:
        raise CannotBeJudged(
            f"There is no lowest version: no lower bound for {', '.join(unbound)}."
        )


def resolve(
    requirements: Iterable[str],
    python: str,
    *options: str,
    overrides: Iterable[str] = (),
    constraints: Iterable[str] = (),
) -> str:
    """Resolve requirements and return the lock, the text of a ``pylock.toml``.

    Args:
        options: Further options of ``uv pip compile``.
        overrides: Requirements that replace those of the packages themselves.
        constraints: Requirements that count if something else requires the package.

    Raises:
        NotInstallable: The requirements cannot be resolved.
    """
    with tempfile.TemporaryDirectory(prefix="resolve-") as scratch:
        wanted, written = Path(scratch, "requirements.in"), Path(scratch, "pylock.toml")
        wanted.write_text("".join(f"{line}\n" for line in requirements), "utf-8")
        command = ["pip", "compile", str(wanted), "--python", python, "--no-header"]
        command += ["--format", "pylock.toml", "--output-file", str(written), *options]
        for name, lines in (("overrides", overrides), ("constraints", constraints)):
            if text := "".join(f"{line}\n" for line in lines):
                further = Path(scratch, f"{name}.in")
                further.write_text(text, "utf-8")
                command += [f"--{name}", str(further)]
        uv(*command, cwd=Path.cwd())
        return written.read_text(encoding="utf-8")


def locked(text: str) -> dict[str, Package]:
    """Return the packages in a lock by name."""
    found = {}
    for row in tomllib.loads(text).get("packages", ()):
        name, version = canonical(row["name"]), row.get("version", "")
        files = [*row.get("wheels", ()), row.get("sdist", {}), row.get("archive", {})]
        uploaded = [one["upload-time"] for one in files if "upload-time" in one]
        url = row.get("archive", {}).get("url")
        pin = f"{name} @ {url}" if url else f"{name}==={version}"
        first = min(uploaded).astimezone(UTC) if uploaded else None
        found[name] = Package(name, version, pin, uploaded=first)
    return found


def install(text: str, python: str) -> Environment:
    """Return an environment with the packages of a lock, cached by its hash.

    Args:
        text: The lock.
        python: The path of the interpreter to create it with.

    Raises:
        NotInstallable: One of the packages cannot be installed.
        CannotBeJudged: Other versions than those in the lock were installed.
    """
    folder, _ = cached(
        cache_folder(), python, text, lambda made: _make(text, python, made)
    )
    inspected = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    return _environment(folder, python, text, *inspected)


def _make(text: str, python: str, folder: Path) -> None:
    """Create an environment in a folder, with its lock and the output of `INSPECT`."""
    (folder / "pylock.toml").write_text(text, encoding="utf-8")
    venv = folder / "venv"
    uv("venv", "--relocatable", "--python", python, str(venv), cwd=folder)
    made = interpreter_in(venv) or ""
    uv(
        *("pip", "sync", "--compile-bytecode", "--python", made),
        str(folder / "pylock.toml"),
        cwd=folder,
    )
    inspected = subprocess.run(
        [made, "-I", "-c", INSPECT], capture_output=True, check=True, text=True
    ).stdout
    (folder / "environment.json").write_text(inspected, encoding="utf-8")


def _environment(
    folder: Path, base: str, text: str, python: str, inspected: Iterable[Any]
) -> Environment:
    listed = locked(text)
    versions, packages = {}, {}
    for raw, version, requires, labelled in inspected:
        name = canonical(raw)
        versions[name] = version
        if name in listed:
            urls = [label.partition(",") for label in labelled]
            packages[name] = replace(
                listed[name],
                version=version,
                requires=tuple(requires),
                urls={label.strip(): url.strip() for label, _, url in urls},
            )
    demand({name: one.version for name, one in listed.items() if one.version}, versions)
    return Environment(folder, base, python, packages)


def demand(expected: Mapping[str, str], actual: Mapping[str, str]) -> None:
    """Raise an error unless an environment has the expected versions.

    Raises:
        CannotBeJudged: A version differs, or a package is missing.
    """
    wrong = [
        f"{name} {actual.get(name, 'none')} instead of {version}"
        for name, version in expected.items()
        if name not in actual or Version(actual[name]) != Version(version)
    ]
    if wrong:
        raise CannotBeJudged(f"The environment has {', '.join(wrong)}.")

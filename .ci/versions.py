"""Install the lowest or the newest versions of the dependencies, and verify them.

Usage: python .ci/versions.py lowest|newest|main

"main" means the main branches of the projects below, as archives.

The versions that the environment got are printed; one that is not what was asked for
ends the run. Resolvers and caches can quietly give others.
"""

import json
import platform
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
#: Where the main branch of a package is.
PROJECTS = {
    "flask": "pallets/flask",
    "werkzeug": "pallets/werkzeug",
    "jinja2": "pallets/jinja",
    "click": "pallets/click",
    "itsdangerous": "pallets/itsdangerous",
    "flask-login": "maxcountryman/flask-login",
    "flask-migrate": "miguelgrinberg/Flask-Migrate",
    "flask-sqlalchemy": "pallets-eco/flask-sqlalchemy",
    "flask-wtf": "pallets-eco/flask-wtf",
    "wtforms": "pallets-eco/wtforms",
    "alembic": "sqlalchemy/alembic",
    "sqlalchemy": "sqlalchemy/sqlalchemy",
}


def dependencies() -> list[Requirement]:
    """Return the dependencies of the application, with all extras."""
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    declared = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        declared += extra
    return [Requirement(text) for text in declared]


def pip(*arguments: str) -> str:
    """Run pip with these arguments and return its output; a failure ends the run."""
    command = [sys.executable, "-I", "-m", "pip", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def lowest(wanted: list[Requirement]) -> dict[str, str]:
    """Install the lower bounds; return the expected versions by name."""
    bounds = {}
    for requirement in wanted:
        [bound] = [one for one in requirement.specifier if one.operator == ">="]
        bounds[requirement.name] = bound.version
    pip("install", "--quiet", *(f"{one.name}=={bounds[one.name]}" for one in wanted))
    return bounds


def newest(wanted: list[Requirement]) -> dict[str, str]:
    """Upgrade everything; return the expected versions by name."""
    # One with an upper bound may be older than the newest release.
    names = [one.name for one in wanted if len(one.specifier) == 1]
    pip(
        "install", "--quiet", "--upgrade", "--upgrade-strategy=eager", *map(str, wanted)
    )
    outdated: list[dict[str, Any]] = json.loads(
        pip("list", "--outdated", "--format", "json")
    )
    late = {canonicalize_name(one["name"]): one["latest_version"] for one in outdated}
    return {name: late.get(canonicalize_name(name), version(name)) for name in names}


def branches(wanted: list[Requirement]) -> dict[str, str]:
    """Install the main branches; return the expected versions by name."""
    archives = {
        name: f"https://github.com/{project}/archive/refs/heads/main.tar.gz"
        for name, project in PROJECTS.items()
    }
    sources = [f"{name} @ {url}" for name, url in archives.items()]
    pip("install", "--quiet", "--force-reinstall", *map(str, wanted), *sources)
    for name, url in archives.items():
        origin = json.loads(distribution(name).read_text("direct_url.json") or "{}")
        if origin.get("url") != url:
            sys.exit(f"{name} is not that of its main branch")
    return {name: version(name) for name in PROJECTS}


def main() -> None:
    """Install and verify the versions that the command line asks for."""
    choose = {"lowest": lowest, "newest": newest, "main": branches}[sys.argv[1]]
    expected = choose(dependencies())
    actual = {name: version(name) for name in expected}
    pip("check")
    print("python", platform.python_version())
    for name in expected:
        print(name, actual[name])
    # 9.0 and 9.0.0 are the same version.
    wrong = [
        name for name in expected if Version(actual[name]) != Version(expected[name])
    ]
    if wrong:
        wanted = ", ".join(f"{name} {expected[name]}" for name in wrong)
        sys.exit(f"These are not the {sys.argv[1]} that there are: wanted {wanted}")


if __name__ == "__main__":
    main()

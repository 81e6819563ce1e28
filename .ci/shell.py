"""Check the bash in the workflows and in the action, and that of .ci/run."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = (ROOT / "action.yml", *sorted((ROOT / ".github/workflows").glob("*.yml")))
#: A block of a step, up to the first line that is not indented further.
BLOCK = re.compile(r"^( *)(?:- )?run: \|\n((?:\1  .*\n|\n)+)", re.MULTILINE)


def main() -> int:
    """Run shellcheck on each script; return the highest status."""
    scripts = {".ci/run": (ROOT / ".ci/run").read_text(encoding="utf-8")}
    for path in FILES:
        for number, found in enumerate(BLOCK.finditer(path.read_text("utf-8")), 1):
            scripts[f"{path.name}, script {number}"] = textwrap.dedent(found[2])
    if "action.yml, script 1" not in scripts:
        sys.exit("action.yml has no script any more: mend the pattern of .ci/shell.py")
    status = 0
    for name, script in scripts.items():
        print(f"shellcheck: {name}", flush=True)
        command = ["shellcheck", "--shell=bash", "--enable=quote-safe-variables", "-"]
        finished = subprocess.run(command, input=script, text=True)
        status = max(status, finished.returncode)
    return status


if __name__ == "__main__":
    raise SystemExit(main())

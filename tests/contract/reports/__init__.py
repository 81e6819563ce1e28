"""The files that a run leaves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.contract.reports.html import page
from tests.contract.reports.markdown import markdown
from tests.contract.target_errors import CannotBeJudged


def write(run: Mapping[str, Any], folder: Path) -> list[Path]:
    """
    Write behaviours.json, .md and .html to *folder*, which is made if missing.

    :raise CannotBeJudged: it cannot be written to
    """
    told = {
        "behaviours.json": json.dumps(run, indent=2, ensure_ascii=False) + "\n",
        "behaviours.md": markdown(run),
        "behaviours.html": page(run),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in told.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotBeJudged(
            f"The reports cannot be written to {folder}: {error}"
        ) from None
    return [folder / name for name in told]


def add_to_step_summary(run: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """In GitHub Actions, show the Markdown with the step."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(markdown(run))

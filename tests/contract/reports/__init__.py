"""The reports that a run leaves: JSON, Markdown, HTML, JUnit's XML and CTRF."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.contract.reports.ctrf import ctrf
from tests.contract.reports.html import page
from tests.contract.reports.junit import junit
from tests.contract.reports.markdown import markdown
from tests.contract.target_errors import CannotBeJudged


def write(run: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the reports to *folder*, which is created if it is missing.

    Raises:
        CannotBeJudged: They cannot be written.
    """
    reports = {
        "behaviours.json": json.dumps(run, indent=2, ensure_ascii=False) + "\n",
        "behaviours.md": markdown(run),
        "behaviours.html": page(run),
        "behaviours.xml": junit(run),
        "behaviours.ctrf.json": json.dumps(ctrf(run), indent=2, ensure_ascii=False),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in reports.items():
            (folder / name).write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        message = f"The reports cannot be written to {folder}: {error}"
        raise CannotBeJudged(message) from None
    return [folder / name for name in reports]

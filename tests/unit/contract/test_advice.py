"""What usually causes a failure."""

import re

from tests.contract.advice import CAUSES
from tests.harness.plugin.catalogue import CATALOGUE


def test_every_portable_behaviour_has_a_usual_cause() -> None:
    """What can be asked of others has a usual cause, and nothing else has one."""
    rows = re.findall(
        r"^\| `([\w.-]+)` \| (?:MUST|SHOULD) \|", CATALOGUE.read_text("utf-8"), re.M
    )

    assert sorted(CAUSES) == sorted(rows)


def test_usual_causes_are_lines() -> None:
    """Each cause is one line, however the file wraps it."""
    assert [cause for cause in CAUSES.values() if "\n" in cause] == []

"""What tests have counted, added up at the end of the run."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the sums of all whole numbers that tests gave to ``record_property``."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if isinstance(value, int):
                sums[name] += value
    for name, value in sorted(sums.items()):
        terminalreporter.line(f"{name}: {value}")

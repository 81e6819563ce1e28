"""The terminal summary: behaviours by area, skipped tests, recorded numbers."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the sections of the summary."""
    show_behaviours(terminalreporter)
    show_skipped(terminalreporter)
    show_sums(terminalreporter)


def show_behaviours(terminalreporter: pytest.TerminalReporter) -> None:
    """Show by area how many behaviours hold."""
    outcomes: dict[str, set[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, identity in getattr(report, "user_properties", []):
                if name == "behaviour":
                    outcomes.setdefault(identity, set()).add(outcome)
    if not outcomes:
        return
    areas: dict[str, Counter[str]] = {}
    for identity, seen in outcomes.items():
        counted = areas.setdefault(identity.partition(".")[0], Counter())
        fails = seen & {"failed", "error"}
        holds = "hold" if "passed" in seen else "left out"
        counted["do not hold" if fails else holds] += 1
    terminalreporter.section("behaviours")
    for area, counted in sorted(areas.items()):
        figures = ", ".join(f"{counted[key]} {key}" for key in sorted(counted))
        terminalreporter.line(f"{area}: {figures}")


def show_skipped(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how many tests were skipped without a browser.

    The conftest of those tests cannot do so, as only the workers of a parallel run
    import it, and its controller writes the summary.
    """
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("no browser here" in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.section(f"no browser here: {count} tests were left out")


def show_sums(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the sums of the whole numbers that tests recorded by `record_property`."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if isinstance(value, int):
                sums[name] += value
    for name, value in sorted(sums.items()):
        terminalreporter.line(f"{name}: {value}")

"""A table of figures with a bound."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows under a header; ``bound`` is the sentence that holds if ``kept``."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    bound: str
    kept: bool

    def __str__(self) -> str:
        """Return the table in Markdown."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        verdict = "yes" if self.kept else "NO"
        return f"### {self.title}\n\n{table}\n\n{self.bound}: {verdict}\n"

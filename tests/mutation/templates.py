"""The mutants of a Jinja template: each condition is once true and once false."""

import re
from collections.abc import Iterator

from tests.mutation.operators import Mutant, numbered

_CONDITION = re.compile(
    r"""(?xs)
    \{%-?\s*(?:el)?if\s+(?P<statement>.+?)\s*-?%\}
    | \sif\s+(?P<expression>(?:(?!%\}|\}\}|\selse\s|,\s).)+?)\s*
      (?=\selse\s|-?%\}|-?\}\}|,\s)
    """
)


def mutants(file: str, source: bytes) -> list[Mutant]:
    """Return the mutants of a template."""
    return list(numbered(_find(file, source.decode())))


def _find(file: str, text: str) -> Iterator[Mutant]:
    for found in _CONDITION.finditer(text):
        assert found.lastgroup
        condition = found[found.lastgroup]
        start, end = (len(text[:at].encode()) for at in found.span(found.lastgroup))
        line = text.count("\n", 0, found.start()) + 1
        for new in ("true", "false", *_operands(condition)):
            yield Mutant(
                file,
                "template",
                "condition",
                start,
                end,
                condition,
                new,
                (line, line),
                True,
            )


def _operands(condition: str) -> list[str]:
    operands = re.split(r" (?:and|or) ", condition)
    return operands if len(operands) > 1 else []

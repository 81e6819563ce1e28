"""The suite's own sources, each read once."""

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

#: What pytest and unittest call the ways to leave a test out.
SKIPS = ("skip", "skipif", "importorskip", "xfail", "skipTest", "skipIf", "skipUnless")


@dataclass
class Source:
    """What a module says, as Python reads it."""

    text: str
    #: The first paragraph of each test function's docstring.
    statements: list[str] = field(default_factory=list)
    #: What is imported, by full names.
    imported: set[str] = field(default_factory=set)
    #: By what tests are left out: "pytest.mark.skipif".
    skips: set[str] = field(default_factory=set)
    literals: set[str] = field(default_factory=set)

    def add(self, node: ast.AST) -> None:
        """Note what one part of the module says."""
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                first = (ast.get_docstring(node) or "").partition("\n\n")[0]
                self.statements.append(" ".join(first.split()))
            case ast.Import(names=names):
                self.imported |= {alias.name for alias in names}
            case ast.ImportFrom(module=module, names=names):
                self.imported |= {f"{module}.{alias.name}" for alias in names}
                self.skips |= {f"{module}.{one.name}" for one in names} & _IMPORTED
            case ast.Attribute(attr=name) if name in SKIPS:
                self.skips.add(ast.unparse(node))
            case ast.Constant(value=str(text)):
                self.literals.add(text)


_IMPORTED = {f"{module}.{name}" for module in ("pytest", "unittest") for name in SKIPS}


@cache
def read(path: Path) -> Source:
    """Read a module."""
    source = Source(path.read_text(encoding="utf-8"))
    for node in ast.walk(ast.parse(source.text)):
        source.add(node)
    return source

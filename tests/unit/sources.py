"""The source code of the suite, each module parsed once."""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

#: The ways of pytest and unittest to skip a test.
SKIPS = ("skip", "skipif", "importorskip", "xfail", "skipTest", "skipIf", "skipUnless")
#: The methods of MonkeyPatch that replace objects; it may set environment variables.
PATCHES = ("setattr", "delattr", "setitem", "delitem")

#: A pause in a program that a test runs.
PAUSE_IN_TEXT = re.compile(r"\bsleep\(|Event\(\)\.wait\(")


@dataclass
class Source:
    """The parts of a module's source that the rules of the suite are about."""

    #: The first paragraph of each test's docstring.
    statements: list[str] = field(default_factory=list)
    #: The full names of what is imported.
    imported: set[str] = field(default_factory=set)
    #: What skips tests, such as "pytest.mark.skipif".
    skips: set[str] = field(default_factory=set)
    #: Calls that wait for time to pass, not for a condition.
    pauses: set[str] = field(default_factory=set)
    #: What replaces an object that others use.
    patches: set[str] = field(default_factory=set)
    #: Comparisons with 302, where other redirects are equally correct.
    found_302: set[str] = field(default_factory=set)

    @classmethod
    def parse(cls, text: str) -> "Source":
        """Return what a module with this text contains."""
        source = cls()
        nodes = list(ast.walk(ast.parse(text)))
        for node in nodes:
            source._add(node)
            source._add_pauses(node)
        source.pauses |= {f"{one}.wait" for one in _unset_events(nodes)}
        source.patches |= _assigned_imports(nodes)
        return source

    def _add(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                first = (ast.get_docstring(node) or "").partition("\n\n")[0]
                self.statements.append(" ".join(first.split()))
            case ast.Import(names=names):
                self.imported |= {alias.name for alias in names}
            case ast.ImportFrom(module=module, names=names):
                imported = {f"{module}.{alias.name}" for alias in names}
                self.imported |= imported
                self.skips |= imported & _IMPORTED_SKIPS
                self.pauses |= imported & {"time.sleep", "asyncio.sleep"}
            case ast.Attribute(attr=name):
                if name in SKIPS:
                    self.skips.add(ast.unparse(node))
                if name in PATCHES:
                    self.patches.add(ast.unparse(node))
            case ast.Compare(comparators=comparators):
                for one in map(ast.walk, comparators):
                    if any(_is_constant(part, 302) for part in one):
                        self.found_302.add(ast.unparse(node))

    def _add_pauses(self, node: ast.AST) -> None:
        match node:
            case ast.Attribute(attr="sleep" | "call_later"):
                self.pauses.add(ast.unparse(node))
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=function), attr="wait")
            ) if ast.unparse(function).endswith("Event"):
                self.pauses.add(ast.unparse(node))
            case ast.Call(
                func=ast.Attribute(attr="select"),
                args=[ast.List(elts=[]), ast.List(elts=[]), ast.List(elts=[]), *_],
            ):
                self.pauses.add(ast.unparse(node))
            case ast.Constant(value=str(text)) if found := PAUSE_IN_TEXT.search(text):
                self.pauses.add(found[0])


def _is_constant(node: ast.AST, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _unset_events(nodes: list[ast.AST]) -> set[str]:
    """Return the events that something waits for but nothing sets."""
    events, waited, used = set(), set(), set()
    for node in nodes:
        match node:
            case ast.Assign(targets=[target], value=ast.Call(func=function)):
                if ast.unparse(function).endswith("Event"):
                    events.add(ast.unparse(target))
            case ast.Attribute(value=value, attr="wait"):
                waited.add(ast.unparse(value))
            case ast.Attribute(value=value, attr="set"):
                used.add(ast.unparse(value))
    return events & waited - used


def _assigned_imports(nodes: list[ast.AST]) -> set[str]:
    """Return the attributes of imported objects that are assigned."""
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assigned = set()
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                if name in imported:
                    assigned.add(ast.unparse(node))
            case ast.Call(
                func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=name), *_]
            ):
                if name in imported:
                    assigned.add(ast.unparse(node))
    return assigned


_IMPORTED_SKIPS = {
    f"{module}.{name}" for module in ("pytest", "unittest") for name in SKIPS
}


@cache
def read(path: Path) -> Source:
    """Return what a module contains."""
    return Source.parse(path.read_text(encoding="utf-8"))

"""The mutants of a Python module: each changes one span of its text.

A fault that no test notices is most often a missing argument, element or statement, a
wrong string, or a condition that is always true. The operators make these; others that
any test would notice, such as the removal of a variable, are left out. Docstrings,
annotations, imports and what only type checkers read are not mutated.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.mutation import regexes

Nodes = Sequence[ast.expr | ast.keyword]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_COMPARISONS = {
    "Lt": ("<", "<=", ">="),
    "LtE": ("<=", "<", ">"),
    "Gt": (">", ">=", "<="),
    "GtE": (">=", ">", "<"),
    "Eq": ("==", "!="),
    "NotEq": ("!=", "=="),
    "Is": ("is", "is not"),
    "IsNot": ("is not", "is"),
    "In": ("in", "not in"),
    "NotIn": ("not in", "in"),
}
_ARITHMETIC = {
    "Add": ("+", "-"),
    "Sub": ("-", "+"),
    "Mult": ("*", "+"),
    "Div": ("/", "*"),
    "FloorDiv": ("//", "*"),
    "Mod": ("%", "*"),
    "Pow": ("**", "*"),
    "BitOr": ("|", "&"),
    "BitAnd": ("&", "|"),
}
#: Regular expression methods, and the next that accepts more.
_LAXER = {"fullmatch": "match", "match": "search"}
#: Methods of which the result is most often the same as the text.
_CONVERSIONS = {"casefold", "lower", "removeprefix", "replace", "strip", "translate"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    file: str
    scope: str
    """The qualified name of the function or class, "" for the module."""
    operator: str
    start: int
    """The span that is replaced, in bytes."""
    end: int
    original: str
    replacement: str
    lines: tuple[int, int]
    """The first and the last line of the statement."""
    in_function: bool
    """Whether it is run by calls only, and not when the module is imported."""
    number: int = 1
    """Counts the same change in the same scope."""

    @property
    def mutation(self) -> str:
        """What is changed, in one line that moves with the code."""
        old, new = (
            " ".join(text.split()) or "nothing"
            for text in (self.original, self.replacement)
        )
        number = f" ({self.number})" if self.number > 1 else ""
        return f"{self.scope or 'module'}: {_short(old)} -> {_short(new)}{number}"

    def apply(self, source: bytes) -> bytes:
        """Return the source with the change."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]} ... {text[-15:]}"


def numbered(mutants: Iterator[Mutant]) -> Iterator[Mutant]:
    """Number the mutants that read the same; leave out those with equal effect."""
    seen: dict[str, int] = {}
    spans: set[tuple[int, int, str]] = set()
    for mutant in mutants:
        span = (mutant.start, mutant.end, mutant.replacement)
        if span in spans or mutant.original == mutant.replacement:
            continue
        spans.add(span)
        number = seen[mutant.mutation] = seen.get(mutant.mutation, 0) + 1
        yield replace(mutant, number=number)


def mutants(file: str, source: bytes) -> list[Mutant]:
    """Return the mutants of a module."""
    return list(numbered(_Finder(file, source).find()))


class _Finder:
    """Walks a module and finds the spans to replace."""

    def __init__(self, file: str, source: bytes) -> None:
        self._file = file
        self._source = source
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self._scopes: list[str] = []
        self._functions = 0
        self._nesting = 0
        self._statement: ast.AST = ast.Pass(lineno=1, end_lineno=1)

    def find(self) -> Iterator[Mutant]:
        """Yield all mutants."""
        yield from self._body(ast.parse(self._source).body)

    # Positions

    def _start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        return self._line_starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._line_starts[node.end_lineno - 1] + node.end_col_offset

    def _span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Return the span of a node with the parentheses of its own around it."""
        start, end = self._start(node), self._end(node)
        while True:
            before = self._source[:start].rstrip()
            close = end + len(self._source[end:]) - len(self._source[end:].lstrip())
            if not before.endswith(b"(") or self._source[close : close + 1] != b")":
                return start, end
            if re.search(rb"[\w\])]\($", before):
                return start, end  # a call's
            start, end = len(before) - 1, close + 1

    def _text(self, start: int, end: int) -> str:
        return self._source[start:end].decode()

    def _mutant(self, operator: str, start: int, end: int, new: str) -> Mutant:
        first = getattr(self._statement, "lineno", 1)
        last = getattr(self._statement, "end_lineno", first)
        if isinstance(
            self._statement,
            ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match,
        ):
            # Its body has statements of its own.
            first = self._source.count(b"\n", 0, start) + 1
            last = self._source.count(b"\n", 0, end) + 1
        return Mutant(
            self._file,
            ".".join(self._scopes),
            operator,
            start,
            end,
            self._text(start, end),
            new,
            (first, last),
            self._functions > 0,
        )

    def _replace(
        self, operator: str, node: ast.expr | ast.stmt, *news: str
    ) -> Iterator[Mutant]:
        for new in news:
            yield self._mutant(operator, self._start(node), self._end(node), new)

    def _drop_each(
        self, operator: str, spans: Sequence[tuple[int, int]]
    ) -> Iterator[Mutant]:
        """Yield a mutant without each of the spans, and what separates it."""
        for number, (start, end) in enumerate(spans):
            if number + 1 < len(spans):
                yield self._mutant(operator, start, spans[number + 1][0], "")
            elif number:
                yield self._mutant(operator, spans[number - 1][1], end, "")

    # Statements

    def _body(self, body: Sequence[ast.stmt]) -> Iterator[Mutant]:
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    continue
                case ast.Expr(value=ast.Constant()):  # a docstring
                    continue
            outer, self._statement = self._statement, node
            if self._is_removable(node):
                yield from self._replace("statement removed", node, "pass")
            yield from self._visit(node)
            self._statement = outer

    def _is_removable(self, node: ast.stmt) -> bool:
        match node:
            case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
                return False
            case ast.Expr() | ast.Delete() | ast.Raise() | ast.AugAssign():
                return True
            case ast.Continue() | ast.Break() | ast.Return(value=None):
                return True
            case (
                ast.Assign(targets=[ast.Name() | ast.Tuple(), *_])
                | ast.AnnAssign(target=ast.Name(), value=ast.expr())
            ):
                # Elsewhere the name would be missing.
                return self._nesting > 0 or self._is_in_class
            case ast.Assign() | ast.AnnAssign(value=ast.expr()):
                return True
        return False

    @property
    def _is_in_class(self) -> bool:
        return bool(self._scopes) and not self._functions

    def _visit(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield from self._definition(node)
                return
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from self._body(node.orelse)
                return
            case ast.AnnAssign(value=value):
                if value is not None:
                    yield from self._visit(value)
                return
            case ast.Return(value=ast.expr() as value):
                if not isinstance(value, ast.Constant):
                    yield from self._replace("return value", value, "None")
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is None:
                        yield from self._replace(
                            "context removed",
                            item.context_expr,
                            "__import__('contextlib').nullcontext()",
                        )
            case ast.Subscript(slice=ast.Tuple()):  # a type
                return
            case ast.ExceptHandler(type=ast.expr() as kind):
                yield from self._replace("handler removed", kind, "()")
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            yield from self._condition(node.test, isinstance(node, ast.While))
        if isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from self._condition(test)
        if isinstance(node, ast.expr):
            yield from self._expression(node)
        yield from self._children(node)

    def _children(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.JoinedStr):
            return  # the positions within are wrong before Python 3.12
        for _name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self._nesting += 1
                yield from self._body(value)
                self._nesting -= 1
            elif isinstance(value, list):
                for one in value:
                    if isinstance(one, ast.AST):
                        yield from self._visit(one)
            elif isinstance(value, ast.AST):
                yield from self._visit(value)

    def _definition(self, node: Function | ast.ClassDef) -> Iterator[Mutant]:
        for decorator in node.decorator_list:
            start = self._source.rindex(b"@", 0, self._start(decorator))
            self._statement = decorator
            yield self._mutant("decorator removed", start, self._end(decorator), "")
            yield from self._visit(decorator)
        self._statement = node
        if isinstance(node, ast.ClassDef):
            self._scopes.append(node.name)
            functions, self._functions = self._functions, 0
            yield from self._body(node.body)
            self._functions = functions
        else:
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default is not None:
                    yield from self._visit(default)
            self._scopes.append(node.name)
            self._functions += 1
            nesting, self._nesting = self._nesting, 0
            yield from self._body(node.body)
            self._nesting = nesting
            self._functions -= 1
        self._scopes.pop()

    # Expressions

    def _condition(self, test: ast.expr, is_loop: bool = False) -> Iterator[Mutant]:
        if not isinstance(test, ast.Constant):
            news = ("False",) if is_loop else ("True", "False")
            yield from self._replace("condition", test, *news)

    def _expression(self, node: ast.expr) -> Iterator[Mutant]:
        match node:
            case ast.Constant(value=bool() as value):
                yield from self._replace("boolean", node, str(not value))
            case ast.Constant(value=int() | float() as value):
                lower = [str(value - 1)] if value >= 1 else []
                yield from self._replace("number", node, str(value + 1), *lower)
            case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
                yield from self._string(node)
            case ast.Compare():
                operands = [node.left, *node.comparators]
                for number, operator in enumerate(node.ops):
                    yield from self._operator(
                        "comparison",
                        (operands[number], operands[number + 1]),
                        _COMPARISONS[type(operator).__name__],
                    )
            case ast.BinOp(left=left, right=right, op=op):
                if signs := _ARITHMETIC.get(type(op).__name__):
                    yield from self._operator("arithmetic", (left, right), signs)
            case ast.BoolOp(values=values):
                yield from self._drop_each("operand removed", self._spans(values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                start, end = self._span(operand)
                yield from self._replace("negation", node, self._text(start, end))
            case ast.Tuple(elts=elements) if elements:
                yield from self._elements(node, elements, "()")
            case ast.List(elts=elements) if elements:
                yield from self._elements(node, elements, "[]")
            case ast.Set(elts=elements):
                yield from self._elements(node, elements, "set()")
            case ast.Dict():
                yield from self._pairs(node)
            case ast.Call():
                yield from self._call(node)

    def _spans(self, nodes: Nodes) -> list[tuple[int, int]]:
        return [self._span(node) for node in nodes]

    def _elements(
        self, node: ast.expr, elements: Sequence[ast.expr], empty: str
    ) -> Iterator[Mutant]:
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            return
        if len(elements) == 1:
            yield from self._replace("element removed", node, empty)
        elif isinstance(node, ast.Tuple) and len(elements) == 2:
            first, second = self._spans(elements)
            comma = "" if self._source[second[1] :].lstrip()[:1] == b"," else ","
            kept = self._text(*second) + comma
            yield self._mutant("element removed", first[1], second[1], comma)
            yield self._mutant("element removed", first[0], second[1], kept)
        else:
            yield from self._drop_each("element removed", self._spans(elements))

    def _pairs(self, node: ast.Dict) -> Iterator[Mutant]:
        spans = [
            (
                self._span(key)[0]
                if key is not None
                else self._source.rindex(b"**", 0, self._start(value)),
                self._span(value)[1],
            )
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        if len(spans) == 1:
            yield from self._replace("element removed", node, "{}")
        else:
            yield from self._drop_each("element removed", spans)

    def _operator(
        self,
        name: str,
        operands: tuple[ast.expr, ast.expr],
        signs: Sequence[str],
    ) -> Iterator[Mutant]:
        left, right = operands
        start, end = self._end(left), self._start(right)
        between = self._text(start, end)
        sign, *others = signs
        at = between.index(sign.partition(" ")[0])
        length = len(between[at:].rstrip(" (\n"))
        for other in others:
            yield self._mutant(name, start + at, start + at + length, other)

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        arguments.sort(key=self._start)
        if len(arguments) == 1 and node.keywords:
            end = self._end(node)
            yield self._mutant("argument removed", self._end(node.func), end, "()")
        dropped = self._drop_each("argument removed", self._spans(arguments))
        for argument, mutant in zip(arguments, dropped, strict=False):
            # Without one of the others, those after it would be misplaced.
            if argument not in node.args[:-1]:
                yield mutant
        for first, second in zip(node.args, node.args[1:], strict=False):
            if ast.unparse(node.func) in ("max", "min"):
                continue
            if not isinstance(first, ast.Starred) and not isinstance(
                second, ast.Starred
            ):
                (start, inner), (after, end) = self._span(first), self._span(second)
                swapped = (
                    self._text(after, end)
                    + self._text(inner, after)
                    + self._text(start, inner)
                )
                yield self._mutant("arguments swapped", start, end, swapped)
        yield from self._function(node)

    def _function(self, node: ast.Call) -> Iterator[Mutant]:
        match node.func:
            case ast.Attribute(value=value, attr=name) if name in _LAXER:
                end = self._end(node.func)
                yield self._mutant("regex", end - len(name), end, _LAXER[name])
            case ast.Attribute(value=value, attr=name) if name in _CONVERSIONS:
                if not isinstance(self._statement, ast.Expr):
                    start, end = self._span(value)
                    yield from self._replace(
                        "conversion removed", node, self._text(start, end)
                    )
            case ast.Name(id="set" | "frozenset"):
                match node.args:
                    case [ast.Constant(value=str() as text) as literal]:
                        for at in range(len(text)):
                            rest = text[:at] + text[at + 1 :]
                            yield from self._replace(
                                "element removed", literal, ascii(rest)
                            )

    def _string(self, node: ast.expr) -> Iterator[Mutant]:
        start, end = self._start(node), self._end(node)
        text = self._text(start, end)
        prefix = re.match("[a-zA-Z]*", text)
        kind = prefix[0].lower() if prefix else ""
        if "r" in kind or self._is_pattern(start):
            for first, last, new in regexes.changes(text):
                first, last = (len(text[:at].encode()) for at in (first, last))
                yield self._mutant("regex", start + first, start + last, new)
        if isinstance(node, ast.JoinedStr) or getattr(node, "value", None):
            yield from self._replace("string", node, 'b""' if "b" in kind else '""')
        else:
            yield from self._replace("string", node, 'b"x"' if "b" in kind else '"x"')

    def _is_pattern(self, start: int) -> bool:
        """Return whether a literal is the first argument of a function of `re`."""
        return bool(re.search(rb"\bre\.\w+\(\s*$", self._source[:start]))

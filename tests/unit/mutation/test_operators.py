"""The mutants of a module, a template and a regular expression."""

import ast
from pathlib import Path

import pytest

from tests.mutation import operators, regexes, templates

ROOT = Path(__file__).parents[3]


def mutations(text: str) -> list[str]:
    """Return the mutated texts of a module."""
    source = text.encode()
    found = operators.mutants("app/a.py", source)
    return [one.apply(source).decode() for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 'é', 'a'", ["x = 'é',", "x = 'a',", "x = \"\", 'a'", "x = 'é', \"\""]),
        ("x = ''", ['x = "x"']),
        ("x = b'a'", ['x = b""']),
        ("x = f'{y}'", ['x = ""']),
        ("x = y[1:]", ["x = y[2:]", "x = y[0:]"]),
        ("x = 0.5", ["x = 1.5"]),
        ("x = True", ["x = False"]),
        ("f(a, b)", ["pass", "f(a)", "f(b, a)"]),
        ("f(a, b=c)", ["pass", "f(b=c)", "f(a)"]),
        ("f(a, a)", ["pass", "f(a)"]),
        ("max(a, b)", ["pass", "max(a)"]),
        ("f(b=c)", ["pass", "f()"]),
        ("f(*a, b)", ["pass", "f(*a)"]),
        ("x = [a]", ["x = []"]),
        ("x = [a, (b), c]", ["x = [(b), c]", "x = [a, c]", "x = [a, (b)]"]),
        ("x = {a}", ["x = set()"]),
        ("x = {a: b}", ["x = {}"]),
        ("x = {a: b, **(c)}", ["x = {**(c)}", "x = {a: b}"]),
        ("x = (a, b,)", ["x = (a,)", "x = (b,)"]),
        ("x = (a,)", ["x = ()"]),
        ("a, b = x", []),
        ("x = a < b", ["x = a <= b", "x = a >= b"]),
        ("x = (a) not in b", ["x = (a) in b"]),
        ("x = a + b", ["x = a - b"]),
        ("x = a @ b", []),
        ("x = not (a)", ["x = (a)"]),
        ("x = (a or b) and c",
         ["x = c", "x = (a or b)", "x = (b) and c", "x = (a) and c"]),
        ("x = f(g)(a, h(b))", ["x = f(g)(a)", "x = f(g)(h(b), a)"]),
        ("x = a if b else c", ["x = a if True else c", "x = a if False else c"]),
        ("x = [a for a in b if c]",
         ["x = [a for a in b if True]", "x = [a for a in b if False]"]),
        ("while a: break", ["while False: break", "while a: pass"]),
        ("while True: f", ["while False: f", "while True: pass"]),
        ("with a: pass", ["with __import__('contextlib').nullcontext(): pass"]),
        ("with a as b: pass", []),
        ("try: pass\nexcept A: pass", ["try: pass\nexcept (): pass"]),
        ("try: pass\nexcept: pass", []),
        ("x = a.strip()", ["x = a"]),
        ("a.strip()", ["pass"]),
        ("x = set('ab')", ["x = set('b')", "x = set('a')", 'x = set("")']),
        ("x = set(a)", []),
        ("x = p.fullmatch(a)", ["x = p.match(a)"]),
        ("x = re.compile('^')", ["x = re.compile('')", 'x = re.compile("")']),
        ("x: dict[str, int] = y[a, b]", []),
        ("x: int", []),
        ("if TYPE_CHECKING: f()\nelse: g()", ["if TYPE_CHECKING: f()\nelse: pass"]),
        ("import a\nfrom b import c", []),
        ("raise a", ["pass"]),
    ],
)  # fmt: skip
def test_mutants_of_a_statement(text: str, expected: list[str]) -> None:
    """Each statement and expression has its mutants, with its parentheses kept."""
    assert mutations(text) == expected


def test_mutants_of_definitions() -> None:
    """Decorators, defaults, attributes, and names that stay bound are mutated."""
    text = '''
class A(B):
    """Not mutated."""
    x = y
    z: int = y
    @p
    def f(self, a: "A" = 1, *, b, c=None) -> "A":
        """Not mutated."""
        d = a
        if a:
            d = b
        self.d = d
        return d
    def g(self):
        yield 1
        return
'''
    found = operators.mutants("app/a.py", text.encode())

    assert [(one.mutation, one.in_function, one.lines) for one in found] == [
        ("A: x = y -> pass", False, (4, 4)),
        ("A: z: int = y -> pass", False, (5, 5)),
        ("A: @p -> nothing", False, (6, 6)),
        ("A: 1 -> 2", False, (7, 13)),
        ("A: 1 -> 0", False, (7, 13)),
        ("A.f: a -> True", True, (10, 10)),
        ("A.f: a -> False", True, (10, 10)),
        ("A.f: d = b -> pass", True, (11, 11)),
        ("A.f: self.d = d -> pass", True, (12, 12)),
        ("A.f: d -> None", True, (13, 13)),
        ("A.g: 1 -> 2", True, (15, 15)),
        ("A.g: 1 -> 0", True, (15, 15)),
        ("A.g: return -> pass", True, (16, 16)),
    ]


def test_same_mutation_twice() -> None:
    """Mutants that read the same are numbered, and long texts shortened."""
    found = operators.mutants("app/a.py", f"x = 0\ny = 0\nz = '{'a' * 99}'".encode())

    assert [one.mutation for one in found] == [
        "module: 0 -> 1",
        "module: 0 -> 1 (2)",
        f"module: '{'a' * 39} ... {'a' * 14}' -> \"\"",
    ]


@pytest.mark.parametrize("file", ["security.py", "usernames.py"])
def test_mutants_are_valid(file: str) -> None:
    """Each mutant of a real module is a valid and another program."""
    source = (ROOT / "app" / file).read_bytes()
    original = ast.dump(ast.parse(source))
    found = operators.mutants(f"app/{file}", source)

    assert [
        one.mutation
        for one in found
        if ast.dump(ast.parse(one.apply(source))) == original
    ] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"^a$"', ["a$", "^a"]),
        (r'r"\bx\Z"', [r"x\Z", r"\bx"]),
        ('"a+b*"', ["ab*", "a*b*", "a+b", "a+b+"]),
        ('"a{2,3}"', ["a"]),
        ('"(?!a)"', ["(?=a)"]),
        ('"(?<=a)"', ["(?<!a)"]),
        ('"[ab-c]"', ["[^ab-c]", "[b-c]", "[a]"]),
        ('"[^a]"', ["[a]"]),
        ('"(?:a|b)|c"', ["(?:b)|c", "(?:a)|c", "c", "(?:a|b)"]),
        ('"(?i)a"', []),
        ('f"{a}|[{b}c]{{2}}"', ["[{b}c]{{2}}", "{a}"]),
    ],
)
def test_regular_expressions(text: str, expected: list[str]) -> None:
    """Each part of a regular expression is changed or removed."""
    start = text.index('"') + 1
    found = [text[:a] + new + text[b:] for a, b, new in regexes.changes(text)]

    assert {one[start:-1] for one in found} >= {*expected}
    assert not expected or len(found) <= len(expected) + 3


def test_templates() -> None:
    """Each condition of a template is once true and once false."""
    text = "{% if é and b %}{{ a if c else d }}{% endif %}\n{% set a = b if c %}"
    found = templates.mutants("app/templates/a.html", text.encode())

    assert [(one.mutation, one.lines) for one in found] == [
        ("template: é and b -> true", (1, 1)),
        ("template: é and b -> false", (1, 1)),
        ("template: é and b -> é", (1, 1)),
        ("template: é and b -> b", (1, 1)),
        ("template: c -> true", (1, 1)),
        ("template: c -> false", (1, 1)),
        ("template: c -> true (2)", (2, 2)),
        ("template: c -> false (2)", (2, 2)),
    ]
    assert found[2].apply(text.encode()).decode().startswith("{% if é %}{{")

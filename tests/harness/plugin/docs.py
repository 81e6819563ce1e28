"""
The page docs/behaviours.md, written from the catalogue and the tests.

``python -m tests.harness.plugin.docs`` writes it; with ``--check`` it only reports
whether the file is up to date. Tests are read as source code, so the page does not
depend on which of them a run collects.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.plugin.catalogue import (
    BEHAVIOURS,
    INTRODUCTIONS,
    Behaviour,
    Introduction,
)
from tests.harness.plugin.portable import FILES
from tests.harness.target.target import REPOSITORY

PAGE = REPOSITORY / "docs" / "behaviours.md"
COMMAND = "python -m tests.harness.plugin.docs"

#: Where tests of the microblog are; what is below "harness" and "contract" tests the
#: suite, and uses the ids as examples.
FOLDERS = ("tests/integration", "tests/unit")
OTHERS = ("harness", "contract")

PREFACE = f"""\
# What the microblog does

Written by `{COMMAND}` from
[tests/behaviours.toml](../tests/behaviours.toml).
`pytest --behaviour PREFIX` runs the tests of the ids that start with PREFIX.

- **MUST**: an application that follows the tutorial up to this chapter does it.
- **SHOULD**: production needs it as well.
- **own**: other implementations are not held to it when the suite judges them.
- The link leads to the module that has most of the tests.
"""


@dataclass(frozen=True)
class Proof:
    """A test that carries the id of a behaviour."""

    identity: str
    #: The path of its module in the repository.
    module: str
    #: Whether its own code keeps it out of contract runs.
    own_only: bool = False


def proofs(root: Path = REPOSITORY) -> list[Proof]:
    """Return a proof for each id that a test of the microblog carries."""
    return [
        proof
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.py"))
        if not set(OTHERS) & set(path.relative_to(root).parts)
        for proof in _read(path.read_text("utf-8"), path.relative_to(root).as_posix())
    ]


def _read(text: str, module: str) -> Iterator[Proof]:
    """Yield the ids of the tests of a module, and of the cases of its fixtures."""
    tree = ast.parse(text)
    own_module = any(
        _names(node.value, "own_only")
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    )
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            own = own_module or any(
                isinstance(each, ast.Name) and each.id == "own_only"
                for each in node.decorator_list
            )
            for decorator in node.decorator_list:
                for identity in _identities(decorator):
                    yield Proof(identity, module, own)


def _names(tree: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree)
    )


def _identities(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="behaviour"), args=[ast.Constant(value=str(identity))]
            ):
                yield identity


def is_asked_of_others(proof: Proof) -> bool:
    """Return whether a contract run asks this proof of other implementations."""
    return proof.module in FILES and not proof.own_only


def render(
    behaviours: Iterable[Behaviour],
    introductions: Mapping[str, Introduction],
    proofs: Iterable[Proof],
) -> str:
    """Return the page as Markdown, with a table for each area."""
    modules: dict[str, Counter[str]] = {}
    for proof in proofs:
        # Tests that others can be asked decide, then integration tests.
        weight = 1 + 100 * is_asked_of_others(proof) + 10 * ("unit" not in proof.module)
        modules.setdefault(proof.identity, Counter())[proof.module] += weight
    lines = [PREFACE]
    area = ""
    used: set[str] = set()
    for each in behaviours:
        if each.area != area:
            area = each.area
            code = ", ".join(map(_code_link, introductions[area].code))
            lines += [
                f"\n## {area}\n",
                f"{introductions[area].sentence} Code: {code}\n",
                "| id | level | behaviour | tests |",
                "|---|---|---|---|",
            ]
        level = f"{each.level}, own" if each.own_only else each.level
        link = ""
        for module, _ in modules.get(each.identity, Counter()).most_common(1):
            link = f"[{_label(module)}]"
            used.add(module)
        sentence = each.sentence.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{each.identity}` | {level} | {sentence} | {link} |")
    lines.append("")
    lines += [f"[{_label(module)}]: ../{module}" for module in sorted(used)]
    return "\n".join(lines) + "\n"


def _code_link(path: str) -> str:
    """Return a link to a module; Markdown makes the name in __init__.py bold."""
    label = path.removeprefix("app/").replace("__", r"\_\_")
    return f"[{label}](../{path})"


def _label(module: str) -> str:
    """Return the name of a module without what all names have in common."""
    name = module.removeprefix("tests/integration/").removeprefix("tests/")
    return name.removesuffix(".py").replace("test_", "")


def right_page() -> str:
    """Return the page as the catalogue and the tests have it now."""
    return render(BEHAVIOURS.values(), INTRODUCTIONS, proofs())


def update(page: Path, right: str, *, check: bool) -> int:
    """Write the *right* text or, for a *check*, compare it; return the exit status."""
    if not check:
        page.parent.mkdir(exist_ok=True)
        page.write_text(right, encoding="utf-8")
        return 0
    if page.exists() and page.read_text(encoding="utf-8") == right:
        return 0
    sys.stderr.write(f"{page} is out of date: {COMMAND}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(update(PAGE, right_page(), check="--check" in sys.argv))

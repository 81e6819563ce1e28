"""Finds the validator that a form of the target lacks, by reading its code."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.contract.verdicts import Evidence

#: WTForms' own validators, none of which asks the database.
PLAIN = {
    *("DataRequired", "InputRequired", "Required", "Optional", "Length", "Email"),
    *("EqualTo", "Regexp", "NumberRange", "URL", "AnyOf", "NoneOf"),
}


def missing_validator(
    code: Path, fields: Sequence[Sequence[str]]
) -> Iterator[Evidence]:
    """Yield evidence of a form without a validator of its own for a field.

    Args:
        code: The folder of the author's code.
        fields: The possible names of each field of the form; the first field is the
            one to validate.
    """
    for path in sorted(code.rglob("*.py")):
        if "site-packages" in path.parts:
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue
        lines = path.read_text("utf-8", errors="replace").splitlines()
        for form in _classes(tree):
            fit = [next((n for n in names if _field(form, n)), "") for names in fields]
            if all(fit) and not _validates(tree, form, fit[0]):
                yield _evidence(path.relative_to(code), lines, tree, form, fit[0])
                return


def _classes(tree: ast.AST) -> list[ast.ClassDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def _field(form: ast.ClassDef, name: str) -> ast.expr | None:
    """Return the field of WTForms that a class assigns to a name."""
    for node in form.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Call() as value):
                if found == name and ast.unparse(value.func).endswith("Field"):
                    return value
    return None


def _validates(tree: ast.AST, form: ast.ClassDef, field: str) -> bool:
    """Return whether a form, or a class that it extends, validates a field itself."""
    value = _field(form, field)
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.keyword) and node.arg == "validators":
            used = ast.unparse(node.value)
            names = {
                one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)
            }
            if names - PLAIN or "." in used:
                return True
    bases = {ast.unparse(base) for base in form.bases}
    classes = [one for one in _classes(tree) if one is form or one.name in bases]
    return any(
        isinstance(node, ast.FunctionDef) and node.name == f"validate_{field}"
        for one in classes
        for node in one.body
    )


def _evidence(
    file: Path, lines: list[str], tree: ast.AST, form: ast.ClassDef, field: str
) -> Evidence:
    name = f"validate_{field}"
    methods = {id(node) for one in _classes(tree) for node in one.body}
    outside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("validate_")
        and id(node) not in methods
    ]
    text = f"{form.name} has no {name}()"
    key, line = text, form.lineno
    for node in outside:
        if node.name == name:
            text = (
                f"{name}() is outside its class, so no form calls it: see its "
                "indentation"
            )
            key, line = f"validators outside {file.as_posix()}", node.lineno
    return Evidence(text, file.as_posix(), line, lines[line - 1].strip(), key)

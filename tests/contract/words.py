"""Says in words what an assertion wanted, and what it saw."""

import ast
import re
from typing import Any

#: What the last name of an expression means to people.
NAMES = {
    "status": "the status of the answer",
    "path": "the address of the page",
    "text": "the text of the page",
    "names": "the names that are stored",
    "profiles": "the names and about-me that are stored",
    "signed_in": "the navigation of somebody who is signed in",
    "is_bare": "Werkzeug's bare error page",
    "alarms": "reports to the administrator",
    "mails": "mails",
    "recipients": "the recipients of the mail",
    "missing": "what the layout has and this page lacks",
    "told": "insides that the page tells",
    "ways_home": "links to the home page",
    "wait_for": "the record in the log file",
    "sizes": "the sizes of the log files, the oldest first",
    "files": "log files",
    "encrypted": "a mail that came inside TLS",
    "authenticated": "the user name that signed in to the mail server",
    "attempts": "attempts to sign in to the mail server",
    "connections": "connections to the mail server",
    "kept": "the numbers of the records that are kept, from the oldest on",
    "year_seen": "the year of the stored last-seen",
    "leads_to_the_form": "a link to the form that edits the profile",
    "value": "what stands in the field",
    "splitlines": "what stands in the field",
    "lines": "the number of lines with it",
    "about_me": "the about-me that is stored",
    "asks_for": "queries for a user of that name",
}
OPERATORS = {
    "==": "is",
    "!=": "is not",
    "in": "is in",
    "not in": "is not in",
    "is": "is",
    "is not": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
NOTHING: tuple[Any, ...] = ([], set(), {}, (), "")
LONGEST = 300


def of_expression(node: ast.expr) -> str:
    """Return what an expression of a test means to people."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[counted]):
            return f"the number of {of_expression(counted)}"
        case ast.Call(func=called, args=arguments):
            inner = [of_expression(each) for each in arguments[:1]]
            if ast.unparse(called) in ("set", "list", "dict", "bool", "max") and inner:
                return inner[0]
            return of_expression(called)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return NAMES.get(name, name.replace("_", " "))
        case ast.Tuple(elts=parts):
            return " and ".join(map(of_expression, parts))
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return of_expression(value)
        case ast.Constant(value=value):
            return shown(value)
    return ast.unparse(node)


def shown(value: Any) -> str:
    """Return a value as people read it, not longer than they do."""
    if isinstance(value, str) and "\n" in value:
        text = value.strip()
    elif value in NOTHING:
        text = "nothing"
    else:
        text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def explained(
    source: str, compared: tuple[str, Any, Any] | None, message: str
) -> tuple[str, str]:
    """
    Return what was expected and what was seen.

    :param source: the statement that failed
    :param compared: operator, left and right value, if values were compared
    :param message: what the failure itself says
    """
    first = message.strip().partition("\n")[0]
    try:
        [statement] = ast.parse(source.strip()).body
    except (SyntaxError, ValueError):
        return "", first
    match statement:
        case ast.Assign(targets=[ast.List(elts=one) | ast.Tuple(elts=one)], value=many):
            if "to unpack" in message:
                counted = f"the number of {of_expression(many)}: {len(one)}"
                return counted, "more" if "too many" in message else "fewer"
    if not isinstance(statement, ast.Assert):
        return "", message.strip()
    if statement.msg is not None:
        return "", first.removeprefix("AssertionError: ")
    test = statement.test
    if isinstance(test, ast.Compare) and compared is not None:
        operator, left, right = compared
        subject = of_expression(test.left)
        if operator in ("in", "not in"):
            where = of_expression(test.comparators[0])
            return f"{shown(left)} {OPERATORS[operator]} {where}", shown(right)
        return f"{subject}: {_wanted(operator, right)}", shown(left)
    if isinstance(test, ast.UnaryOp):
        return f"{of_expression(test.operand)}: no", "yes"
    return f"{of_expression(test)}: yes", "no"


def _wanted(operator: str, right: Any) -> str:
    word = OPERATORS[operator]
    if operator == "!=" and right in NOTHING:
        return "something"
    return (
        shown(right) if word == "is" else f"{word.removeprefix('is ')} {shown(right)}"
    )


def last_error(output: str) -> str:
    """Return the last exception that a program printed, unless it was asked for."""
    lines = re.findall(
        r"^[\w.]+(?:Error|Exception|NotFound)\b.*$", output, re.MULTILINE
    )
    own = [line for line in lines if "harness" not in line and "on demand" not in line]
    return own[-1] if own else ""


def last_line(message: str) -> str:
    """Return the end of a message, in which the probe's errors tell what it was."""
    lines = message.replace("\\n", "\n").rstrip('"}\n ').splitlines()
    return lines[-1][:LONGEST] if lines else ""

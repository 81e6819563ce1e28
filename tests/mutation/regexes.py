"""Small changes of regular expressions, made in the source text of their literals."""

import re
from collections.abc import Iterator

#: A literal, such as ``rf"..."``: its prefix, its quotes and its contents.
LITERAL = re.compile(r"""(?is)([rbuf]*)(\"""|'''|"|')((?:\\.|(?!\2).)*)\2""")

_PLACEHOLDER = re.compile(r"(?<!\{)(?:\{\{)*\{[^{}]+\}|\{\{|\}\}")

_TOKEN = re.compile(
    r"""(?xs)
    (?P<escape>\\(?:x..|u.{4}|.))
    | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<look>\(\?<?[=!])
    | (?P<group>\((?:\?(?:P<\w+>|:|>|[aiLmsux-]+[:)]))?)
    | (?P<end>\))
    | (?P<bar>\|)
    | (?P<count>(?:\{\d*,?\d*\}|[*+?])[?+]?)
    | (?P<anchor>[\^$])
    | (?P<other>.)
    """
)
_IN_SET = re.compile(
    r"(?s)(?:\\(?:x..|u.{4}|.)|[^\\])(?:-(?:\\(?:x..|u.{4}|.)|[^\\\]]))?"
)
_ANCHORS = ("\\b", "\\B", "\\A", "\\Z")


def changes(literals: str) -> Iterator[tuple[int, int, str]]:
    """Yield the spans to replace in one or more literals, and what takes their place.

    Quantifiers, anchors, alternatives and members of character sets are removed, ``*``
    and ``+`` swapped, look-arounds and character sets negated. The placeholders of
    f-strings are left alone.
    """
    for literal in LITERAL.finditer(literals):
        text = literal[3]
        if "f" in literal[1].lower():
            text = _PLACEHOLDER.sub(lambda found: "\0" * len(found[0]), text)
        for start, end, new in _changes(text):
            yield start + literal.start(3), end + literal.start(3), new


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    branches = [[0]]  # of each group that is open, where its alternatives start
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        match token.lastgroup:
            case "escape" if token[0] in _ANCHORS:
                yield start, end, ""
            case "anchor":
                yield start, end, ""
            case "look":
                yield end - 1, end, "=" if token[0].endswith("!") else "!"
                branches.append([end])
            case "group" if not token[0].endswith(")"):
                branches.append([end])
            case "set":
                yield from _changes_of_set(start, token[0])
            case "count":
                yield start, end, ""
                if token[0][0] in "*+":
                    yield start, start + 1, "+" if token[0][0] == "*" else "*"
            case "bar":
                branches[-1].append(end)
            case "end":
                yield from _without_branches(branches.pop(), start)
    for starts in branches[:1]:
        yield from _without_branches(starts, len(text))


def _without_branches(starts: list[int], end: int) -> Iterator[tuple[int, int, str]]:
    for number, start in enumerate(starts):
        if number + 1 < len(starts):
            yield start, starts[number + 1], ""
        elif number:
            yield start - 1, end, ""


def _changes_of_set(start: int, text: str) -> Iterator[tuple[int, int, str]]:
    negated = text.startswith("[^")
    yield (start + 1, start + 2, "") if negated else (start + 1, start + 1, "^")
    first = 2 if negated else 1
    members = list(_IN_SET.finditer(text, first, len(text) - 1))
    if len(members) > 1:
        for member in members:
            if "\0" not in member[0]:  # a part of a placeholder
                yield start + member.start(), start + member.end(), ""

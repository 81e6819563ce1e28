"""Renders behaviours.xml: JUnit's XML, which CI systems show and keep."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

#: Characters that XML does not allow: https://www.w3.org/TR/xml/#charsets
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Mapping[str, Any]) -> str:
    """Return the run (see `document`) as a document in JUnit's format.

    It has a suite for each area and a test case for each behaviour. Blocked, not
    offered and expected failures are skipped; broken ones are errors.
    """
    name = f"microblog contract: {run['target']['folder']}"
    root = ElementTree.Element("testsuites", name=FORBIDDEN.sub("?", name))
    if run["problem"]:
        suite = _suite(root, "target", [], run)
        suite.set("tests", "1")
        suite.set("errors", "1")
        case = _case(suite, "target", "target.can-be-judged", 0)
        _add_element(case, "error", run["headline"], run["problem"])
    areas: dict[str, list[Mapping[str, Any]]] = {}
    for row in run["behaviours"]:
        areas.setdefault(row["id"].partition(".")[0], []).append(row)
    for area, rows in areas.items():
        suite = _suite(root, area, rows, run)
        for row in rows:
            _add(_case(suite, area, row["id"], row["seconds"]), row)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(
    root: ElementTree.Element,
    area: str,
    rows: list[Mapping[str, Any]],
    run: Mapping[str, Any],
) -> ElementTree.Element:
    counted = [_kind(row) for row in rows]
    return ElementTree.SubElement(
        root,
        "testsuite",
        name=area,
        tests=str(len(rows)),
        failures=str(counted.count("failure")),
        errors=str(counted.count("error")),
        skipped=str(counted.count("skipped")),
        time=f"{sum(row['seconds'] for row in rows):.3f}",
        timestamp=run["judged_at"].partition("+")[0],
    )


def _case(
    suite: ElementTree.Element, area: str, name: str, seconds: float
) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"contract.{area}",
        name=name,
        time=f"{seconds:.3f}",
    )


def _kind(row: Mapping[str, Any]) -> str:
    """Return the element for an outcome, or "" for a behaviour that holds."""
    if row["expected_failure"]:
        return "skipped"
    kinds = {"failed": "failure", "broken": "error"}
    kinds |= {"blocked": "skipped", "not offered": "skipped"}
    return kinds.get(row["outcome"], "")


def _add(case: ElementTree.Element, row: Mapping[str, Any]) -> None:
    """Add the reason to a test case whose behaviour does not hold."""
    kind = _kind(row)
    if kind == "skipped":
        reason = row["reason"] or f"Expected to fail: {row['actual']}"
        case_of = ElementTree.SubElement(case, "skipped")
        case_of.set("message", FORBIDDEN.sub("?", reason))
    elif kind:
        _add_element(case, kind, row["actual"] or row["reason"], details(row))
    elif row["outcome"] == "differs":
        output = ElementTree.SubElement(case, "system-out")
        output.text = FORBIDDEN.sub("?", f"Differs: {row['actual']}")


def _add_element(case: ElementTree.Element, kind: str, message: str, text: str) -> None:
    element = ElementTree.SubElement(case, kind, type=kind)
    element.set("message", FORBIDDEN.sub("?", message))
    element.text = FORBIDDEN.sub("?", text)


def details(row: Mapping[str, Any]) -> str:
    """Return everything that is known about a failure, in lines."""
    lines = [f"{row['level']}: {row['statement']}"]
    for each in row["evidence"]:
        lines.append(f"Seen: {each['text']}.")
        if each["file"]:
            lines.append(f"    {each['file']}:{each['line']}  {each['source']}")
    names = {"expected": "Expected", "actual": "Actual", "reason": "Reason"}
    names |= {"cause": "Usual cause", "root_cause": "Root cause", "chapter": "Read"}
    lines += [f"{title}: {row[name]}" for name, title in names.items() if row[name]]
    return "\n".join(lines)

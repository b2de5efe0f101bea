"""Write a run as JUnit XML, which every CI server shows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(rows: Iterable[Mapping[str, Any]], answers: Mapping[str, Mapping[str, Any]]) -> str:
    """A test suite for each category, a test case for each question.

    The form is that of https://github.com/testmoapp/junitxml. `answers` gives the answer of each question's key.
    """
    by_category: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_category[row["category"]].append(row)
    root = ElementTree.Element("testsuites", name="known facts")
    for category, those in sorted(by_category.items()):
        failures = sum(not row["right"] for row in those)
        told = {"name": category, "tests": str(len(those)), "failures": str(failures)}
        suite = ElementTree.SubElement(root, "testsuite", told)
        for row in those:
            case = ElementTree.SubElement(suite, "testcase", name=row["key"], classname=f"known_facts.{category}")
            if not row["right"]:
                message = "; ".join(f"not: {name}" for name in row["failed"])
                failure = ElementTree.SubElement(case, "failure", message=message, type=row["severity"])
                answer = answers[row["key"]]
                failure.text = NOT_IN_XML.sub("", f"{answer['question']}\n{answer['status']}: {answer['text']}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"

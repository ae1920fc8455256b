"""JUnit XML, as CI systems read it: a suite for each database, a case for each revision and check."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from alembic_proof.findings import Finding, Outcome
from alembic_proof.reports.matrix import Case, cases_of, databases_of
from alembic_proof.reports.report import Report
from alembic_proof.reports.text import render_findings, verdict_of

_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that XML 1.0 cannot hold in any form; a database's words can. Compiling it takes 8 ms: by the first who needs it."""


def render(report: Report) -> str:
    """Write every outcome as a case. Only an error fails one; what is not proved is skipped, with its reason."""
    root = ET.Element("testsuites", name="alembic-proof")
    cases = list(cases_of(report))
    for database in databases_of(report):
        _add_suite(root, report, database, [case for case in cases if case.verdict.database == database])
    for name in ("tests", "failures", "errors"):  # no sum of those skipped: Jenkins' schema knows it of a suite only
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _seconds(timing.seconds for timing in report.timings))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_suite(root: ET.Element, report: Report, database: str | None, cases: Sequence[Case]) -> None:
    version = next((one.server_version for one in report.databases if one.name == database), "")
    suite = ET.SubElement(root, "testsuite", name=database or "project")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(bool(case.errors) for case in cases)))
    suite.set("skipped", str(sum(case.verdict.outcome is Outcome.NOT_PROVED for case in cases)))
    suite.set("errors", "0")
    suite.set("time", _seconds(timing.seconds for timing in report.timings if timing.database == database))
    properties = ET.SubElement(suite, "properties")
    for name, value in (("server_version", version), ("verdict", verdict_of(report))):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    files = {revision.id: revision.file for revision in report.revisions}
    for case in cases:
        _add_case(suite, case, files.get(case.verdict.revision or ""), database or "project")


def _add_case(suite: ET.Element, case: Case, file: str | None, suite_name: str) -> None:
    verdict = case.verdict
    revision = verdict.revision or ""
    stem = PurePosixPath(file).stem if file is not None else ""
    place = f"{stem} ({revision})" if stem and revision not in stem else stem or revision
    element = ET.SubElement(suite, "testcase", name=f"{verdict.check}[{place}]" if place else verdict.check)
    element.set("classname", _xml(f"{suite_name}.{stem or revision}".rstrip(".")))
    first = next((finding for finding in case.findings if finding.file), None)
    if (at := first.file if first else file) is not None:
        element.set("file", _xml(at))
    if first is not None and first.line is not None:
        element.set("line", str(first.line))
    if case.errors:
        failure = ET.SubElement(element, "failure", type=case.errors[0].code, message=_xml(_message(case.errors)))
        failure.text = _xml(render_findings(case.errors))
    elif verdict.outcome is Outcome.NOT_PROVED:
        ET.SubElement(element, "skipped", message=_xml(f"not proved: {verdict.reason or 'nothing was seen of it'}"))
    beside = [finding for finding in case.findings if finding not in case.errors]
    told = [f"accepted: {one.acceptance.reason}\n{render_findings([one.finding])}" for one in case.accepted]
    if beside or told:
        ET.SubElement(element, "system-out").text = _xml("\n\n".join([*([render_findings(beside)] if beside else []), *told]))


def _message(errors: Sequence[Finding]) -> str:
    more = f" And {len(errors) - 1} more." if len(errors) > 1 else ""
    return f"{errors[0].what}{more}"


def _xml(text: str) -> str:
    return re.sub(_NOT_XML, "\N{REPLACEMENT CHARACTER}", text)


def _seconds(parts: Iterable[float]) -> str:
    return f"{sum(parts):.3f}"

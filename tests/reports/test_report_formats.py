"""JUnit, GitHub, GitLab: what CI systems read, read back."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from alembic_proof.findings import Finding, Severity
from alembic_proof.reports import github, gitlab, junit
from alembic_proof.reports.fingerprints import fingerprints_of
from alembic_proof.reports.formats import FORMATS, Output, append_summary, folder_in, parse_outputs, seen_from, wants_details
from alembic_proof.reports.report import DatabaseSummary, Report
from alembic_proof.reports.text import render as render_text
from tests.unit.reports_made import MATCH, RESTORES, at, made

NASTY = "50% of ]]> <b>&\r\nnext: a,b \x00\x1b[31m ````` @team | 漢"
"""Everything that some format gives a meaning to."""


def with_findings(*findings: Finding) -> Report:
    """The report made by hand, with other findings."""
    return msgspec.structs.replace(made(), findings=findings)


def read_xml(document: str) -> ET.Element:
    """Read back what we wrote ourselves."""
    return ET.fromstring(document)  # noqa: S314 - ours


def nasty() -> Finding:
    """A finding whose every text is nasty."""
    finding = RESTORES.finding(at("sqlite", "b"), what=NASTY, effect=NASTY, seen=[NASTY], fix=NASTY, object=NASTY)
    return replace(finding, file="a,b:c%/d.py")


def test_junit_has_a_suite_for_each_database_and_a_case_for_each_outcome() -> None:
    """What a CI's test view shows: failures for errors alone, and a reason for each skip."""
    root = read_xml(junit.render(made()))
    cases = {(suite.get("name"), case.get("name")): case for suite in root for case in suite.iter("testcase")}

    assert [suite.get("name") for suite in root] == ["project", "sqlite", "postgresql"]
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {"tests": "10", "failures": "1", "errors": "0"}
    assert [suite.get("skipped") for suite in root] == ["0", "1", "3"]
    failure = cases["sqlite", "downgrade-restores-schema[b]"].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("AP303", "Index ix was there.")
    assert "+ INDEX ix" in (failure.text or "")
    skipped = cases["sqlite", "downgrade-restores-schema[c]"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "not proved: declared one-way. The revision has no downgrade()."
    warned = cases["sqlite", "models-match-migrations"]
    assert [child.tag for child in warned] == ["system-out"]
    accepted = cases["sqlite", "downgrade-restores-schema[d]"]
    assert [child.tag for child in accepted] == ["system-out"]
    assert (accepted[0].text or "").startswith("accepted: nobody goes back\n")
    proved = cases["sqlite", "downgrade-restores-schema[a]"]
    assert (list(proved), proved.get("file"), proved.get("classname")) == ([], "migrations/versions/a.py", "sqlite.a")


TEXTS = {"failure": {"type", "message"}, "error": {"type", "message"}, "skipped": {"type", "message"}}
JENKINS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"time", "skipped", "id"}, {"testcase", "properties", "system-out"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"time", "classname", "file", "line"}, {*TEXTS, "system-out"}),
    "system-out": (set(), set(), set()),
    **{name: (set(), known, set()) for name, known in TEXTS.items()},
}
"""What an element has to have, may have besides, and may hold: in Jenkins' schema, and `file` and `line`, which GitLab reads."""


@pytest.mark.parametrize("report", [made(), made(nothing_proved=True), with_findings(nasty())])
def test_junit_has_the_form_of_the_strictest_reader(report: Report) -> None:
    """Jenkins' schema knows every element and attribute, and its one pattern, of seconds, holds."""
    for element in read_xml(junit.render(report)).iter():
        needed, known, inside = JENKINS[element.tag]
        assert needed <= set(element.keys()) <= needed | known, element.tag
        assert {child.tag for child in element} <= inside, element.tag
        assert re.fullmatch(r"\d{0,3}(\.\d*)?", element.get("time", "")), element.tag


def test_junit_counts_agree_with_its_elements() -> None:
    """The sums of each suite are those of its cases: some test views believe them."""
    for suite in read_xml(junit.render(made())):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
            assert suite.get(name) == str(len(list(suite.iter(tag))))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_survives_every_character(name: str) -> None:
    """A database's words can hold anything: no format breaks, and none drops the finding."""
    rendered = FORMATS[name](with_findings(nasty()))

    assert "AP303" in rendered
    assert "漢" in rendered or "\\u6f22" in rendered
    if name == "junit":
        [failure] = read_xml(rendered).iter("failure")
        assert "50% of ]]> <b>&" in (failure.text or "")
    if name in {"json", "gitlab", "sarif"}:
        assert NASTY in _texts(rendered)


def _texts(rendered: str) -> str:
    texts: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, str):
            texts.append(value)

    walk(json.loads(rendered))
    return "\0".join(texts)


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as GitHub's runner does."""
    matched = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert matched is not None, line

    def unescape(text: str, *, is_property: bool = False) -> str:
        if is_property:
            text = text.replace("%3A", ":").replace("%2C", ",")
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    properties = dict(part.split("=", 1) for part in matched[2].split(","))
    return matched[1], {name: unescape(value, is_property=True) for name, value in properties.items()}, unescape(matched[3])


def test_annotations_are_read_back_by_the_runners_rules() -> None:
    """No character of a finding ends a command early or changes what it says."""
    [line] = github.render(with_findings(nasty())).splitlines()
    command, properties, message = read_command(line)

    assert command == "error"
    assert properties == {
        "file": "a,b:c%/d.py", "line": "9", "title": "AP303 downgrade-restores-schema (b, downgrade, sqlite)",
    }  # fmt: skip
    assert message == f"{NASTY}\n{NASTY}\n{NASTY}\nfix: {NASTY}"


def test_annotations_show_every_kind_first() -> None:
    """Ten of one check would hide that another broke, too."""
    many = [RESTORES.finding(at("sqlite"), what=f"r{i}", fix="") for i in range(11)]
    *lines, last = github.render(with_findings(*many, MATCH.finding(at("sqlite"), what="m", fix=""))).splitlines()

    assert [read_command(line)[2].partition("\n")[0] for line in lines] == ["r0", "m", *(f"r{i}" for i in range(1, 9))]
    assert last == "alembic-proof: 2 more findings are not annotated: GitHub shows ten of a step."


def test_annotations_come_worst_first_and_at_most_ten() -> None:
    """GitHub drops the eleventh without a word; we say how many there are."""
    notes = [RESTORES.finding(at("sqlite"), what=f"n{i}", fix="", severity=Severity.NOTE) for i in range(9)]
    warning = RESTORES.finding(at("sqlite"), what="w", fix="", severity=Severity.WARNING)
    error = RESTORES.finding(at("sqlite"), what="e", fix="")
    *lines, last = github.render(with_findings(*notes, warning, error)).splitlines()

    assert [read_command(line)[0] for line in lines] == ["error", "warning", *["notice"] * 8]
    assert last == "alembic-proof: 1 more finding is not annotated: GitHub shows ten of a step."
    assert "file" not in read_command(lines[0])[1]
    assert github.render(made(nothing_proved=True)) == ""


def test_gitlab_gets_what_its_schema_asks_for() -> None:
    """The five members, a known severity, a place for every finding, and no fingerprint twice."""
    entries = json.loads(gitlab.render(made()))

    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"]["lines"]["begin"] >= 1
    assert [entry["location"]["path"] for entry in entries] == ["migrations/versions/b.py", "alembic.ini", "alembic.ini"]
    assert len({entry["fingerprint"] for entry in entries}) == 3


def test_fingerprints_outlive_moved_lines_and_changed_words() -> None:
    """A finding keeps its name when lines are added above it or the database says it otherwise; another one has another."""
    finding = RESTORES.finding(at("sqlite", "b"), what="x", fix="", object="ix")
    moved = replace(finding, line=99, what="y", seen=("z",), fix="f")
    other = replace(finding, object="iy")

    assert fingerprints_of([finding]) == fingerprints_of([moved])
    assert len(set(fingerprints_of([finding, finding, other]))) == 3
    assert fingerprints_of([other, finding])[1] == fingerprints_of([finding])[0]


def test_paths_are_those_of_the_repository(tmp_path: Path) -> None:
    """A CI system knows the repository, not the folder of the service in it; text and HTML keep the reader's paths."""
    folder = folder_in(str(tmp_path), tmp_path / "services/users")

    assert folder == "services/users"
    assert [folder_in(None, tmp_path), folder_in(str(tmp_path), tmp_path), folder_in(str(tmp_path / "x"), tmp_path)] == [""] * 3
    assert "file=services/users/migrations/versions/b.py" in Output("github", None).render(made(), folder)
    assert "services/users" not in Output("text", None).render(made(), folder)
    entries = json.loads(Output("gitlab", None).render(made(), folder))
    assert entries[1]["location"]["path"] == "services/users/alembic.ini"
    outside = with_findings(replace(made().findings[0], file="/elsewhere/a.py"))
    assert seen_from(outside, folder).findings[0].file == "/elsewhere/a.py"
    assert {one.finding.file for one in seen_from(made(), folder).accepted} == {f"{folder}/migrations/versions/d.py"}


def test_any_number_of_formats() -> None:
    """Annotations are lines of the log, below the text; of the others one goes to standard output."""
    outputs = parse_outputs(["junit=a.xml", "github", "html=b.html"])

    assert outputs == (
        Output("junit", Path("a.xml")), Output("html", Path("b.html")), Output("text", None), Output("github", None),
    )  # fmt: skip
    assert wants_details(outputs)
    assert not wants_details(outputs[:1])


def test_the_summary_is_appended(tmp_path: Path) -> None:
    """Another step's summary stays."""
    file = tmp_path / "summary.md"
    file.write_text("before\n", encoding="utf-8")
    append_summary(made(), file)

    assert file.read_text(encoding="utf-8").startswith("before\n### ")


def test_a_long_url_hides_no_check() -> None:
    """The table of the text folds the names of databases; those of checks stay whole."""
    names = [f"postgresql+psycopg://somebody@server-{number}.internal.example:5432/application_{number}" for number in (1, 2, 3)]
    verdicts = tuple(RESTORES.proved(at(name, "a")) for name in names)
    report = msgspec.structs.replace(
        made(nothing_proved=True), databases=tuple(DatabaseSummary(name, "18.4") for name in names), outcomes=verdicts
    )

    assert "\ndowngrade-restores-schema   1 proved " in render_text(report)

"""The one document, and the formats made from it."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome, Severity
from alembic_proof.reports.formats import FORMATS, Output, parse_outputs
from alembic_proof.reports.merge import merge_reports
from alembic_proof.reports.report import Report, RowsSummary, outcomes_of, to_json
from alembic_proof.reports.text import render, render_findings
from tests.unit.reports_made import HEAD, RESTORES, accepted, at, made

STORED = Path(__file__).with_name("report.txt")


def test_the_text_is_the_stored_one() -> None:
    """Every part of the text report, letter by letter."""
    assert render(made()) == STORED.read_text(encoding="utf-8")


def test_rows_can_be_had_again() -> None:
    """Where rows were drawn, the text says from what, right above the verdict; the merged report of parts does, too."""
    drawn = msgspec.structs.replace(made(), rows=RowsSummary(25, 0, "6.1"))
    told = "25 rows of each table were drawn from seed 0 by Hypothesis 6.1: another run draws the same."

    assert told in render(drawn).splitlines()
    assert told not in render(made())
    assert merge_reports([made(), drawn]).rows == drawn.rows


def test_no_line_ends_in_blanks() -> None:
    """A report that is pasted or stored carries no trailing blanks."""
    assert [line for line in render(made()).splitlines() if line != line.rstrip()] == []


def test_colour_changes_no_letter() -> None:
    """On a terminal the same text is coloured."""
    coloured = render(made(), color=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)

    assert coloured != plain
    assert [line.rstrip() for line in plain.splitlines()] == render(made()).splitlines()


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (made(without=frozenset({Severity.ERROR})), "Nothing broken but 1 warning; "),
        (made(without=frozenset({Severity.ERROR, Severity.WARNING})), "Nothing broken; "),
        (made(nothing_proved=True), "Nothing was proved; "),
    ],
)
def test_the_last_line_is_the_verdict(report: Report, verdict: str) -> None:
    """A warning is no error and no silence; where nothing was tried, nothing is claimed."""
    assert render(report).splitlines()[-1].startswith(verdict)


def test_findings_alone() -> None:
    """What a failing pytest item shows."""
    [finding, *_] = made().findings

    assert render_findings([finding]).splitlines()[0] == (
        "migrations/versions/b.py:9 (b, downgrade, sqlite): AP303 downgrade-restores-schema"
    )


def test_one_outcome_for_each_subject() -> None:
    """Broken goes before accepted before not proved before proved; a note breaks nothing."""
    where = at("sqlite", "a")
    error = RESTORES.finding(where, what="", fix="")
    note = RESTORES.finding(where, what="", fix="", severity=Severity.NOTE)
    verdicts = [RESTORES.proved(where), RESTORES.not_proved(where, "why"), HEAD.proved(at(None))]
    order = [HEAD.slug, RESTORES.slug]

    [one, _] = accepted()
    with_one = outcomes_of([], [RESTORES.not_proved(at("sqlite", "d"), "why")], order, [one])
    assert [(v.outcome, v.reason) for v in with_one] == [(Outcome.ACCEPTED, "nobody goes back")]
    beside = RESTORES.finding(at("sqlite", "d"), what="", fix="")
    assert [(v.outcome, v.reason) for v in outcomes_of([beside], [], order, [one])] == [(Outcome.BROKEN, None)]
    assert [v.outcome for v in outcomes_of([error], verdicts, order)] == [Outcome.PROVED, Outcome.BROKEN]
    assert [v.outcome for v in outcomes_of([note], verdicts, order)] == [Outcome.PROVED, Outcome.NOT_PROVED]
    assert [v.outcome for v in outcomes_of([note], verdicts[:1], order)] == [Outcome.PROVED]


def test_json_has_the_designed_form() -> None:
    """The keys that others read, and a way back."""
    document = json.loads(to_json(made()))

    assert list(document) == [
        "schema_version", "tool", "project", "databases", "revisions", "findings", "outcomes", "not_compared", "timings",
        "accepted", "unused_acceptances",
        "checks", "steps", "words", "rows",
    ]  # fmt: skip
    assert document["schema_version"] == 1
    assert list(document["revisions"][0]) == ["id", "down", "file", "message"]
    assert list(document["findings"][0]) == [
        "code", "check", "severity", "database", "revision", "direction", "object", "what", "effect", "seen", "fix",
        "file", "line",
    ]  # fmt: skip
    assert list(document["outcomes"][0]) == ["check", "database", "revision", "outcome", "reason"]
    assert list(document["accepted"][0]) == ["finding", "acceptance"]
    assert list(document["accepted"][0]["finding"]) == list(document["findings"][0])
    assert list(document["accepted"][0]["acceptance"]) == list(document["unused_acceptances"][0]) == [
        "check", "revision", "object", "reason", "until", "file", "line",
    ]  # fmt: skip
    assert list(document["timings"][0]) == ["database", "phase", "seconds"]
    assert msgspec.json.decode(to_json(made()), type=Report) == made()


def test_outputs_are_parsed() -> None:
    """Text goes to standard output unless another format takes it."""
    assert parse_outputs([]) == (Output("text", None),)
    assert parse_outputs(["json"]) == (Output("json", None),)
    assert parse_outputs(["json=a/b=c.json"]) == (Output("json", Path("a/b=c.json")), Output("text", None))
    assert set(FORMATS) == {"text", "json", "junit", "github", "gitlab", "sarif", "markdown", "html"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            ["pdf"],
            f'Cannot write format "pdf": there is no such format. Use one of: {", ".join(FORMATS)}.',
        ),
        (["json="], 'Cannot write "json=": the file name is missing. Write --format json=FILE.'),
        (["json", "text"], "Cannot print json and text together. Give all but one a file: --format text=FILE."),
        (["json", "github"], "Cannot print json and github together. Give all but one a file: --format github=FILE."),
    ],
)
def test_outputs_that_cannot_be(given: list[str], words: str) -> None:
    """One line, with what to write instead."""
    with pytest.raises(ProofError, match=f"^{re.escape(words)}$"):
        parse_outputs(given)


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    """The folder of a report need not exist; a place that cannot be written is one line."""
    [output, _] = parse_outputs([f"json={tmp_path}/new/report.json"])
    output.write(made())

    assert json.loads((tmp_path / "new/report.json").read_text(encoding="utf-8"))["tool"]["name"] == "alembic-proof"
    with pytest.raises(ProofError, match=r"^Cannot write .*: .*\. Give --format json= another path\.$"):
        Output("json", tmp_path).write(made())

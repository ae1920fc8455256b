"""Markdown for comments and step summaries."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from alembic_proof.findings import Outcome, Verdict
from alembic_proof.reports import markdown, summary
from alembic_proof.reports.fenced import cell, fenced
from alembic_proof.reports.mermaid import MOST, diagram
from alembic_proof.reports.report import Report, RevisionSummary
from alembic_proof.reports.tables import MOST_ROWS, tables
from tests.unit.reports_made import RESTORES, at, made


def long_history(number: int) -> Report:
    """A report on many revisions, all proved but the first."""
    revisions = tuple(RevisionSummary(f"r{i}", (f"r{i - 1}",) if i else (), f"m/r{i}.py", f"Revision {i}") for i in range(number))
    outcomes = tuple(
        Verdict(check=RESTORES.slug, database="sqlite", revision=one.id, outcome=Outcome.PROVED if i else Outcome.NOT_PROVED)
        for i, one in enumerate(revisions)
    )
    return msgspec.structs.replace(made(), revisions=revisions, outcomes=outcomes, findings=())


def test_a_comment_says_all_that_the_text_says() -> None:
    """Verdict, findings in full, tables, what was not proved; and a mark by which a bot finds it again."""
    written = markdown.render(made())

    assert written.startswith(f"{markdown.MARKER}\n\n### ❌ alembic-proof\n\nBroken: 1 finding and 1 warning; ")
    assert "  fix     line 1\n          line 2\n```" in written
    assert "| sqlite 3.45.1 | AP303 | AP401 |" in written
    assert "| b Revision b | ❌ |  |" in written
    assert "| the whole |  | ⚠️ |" in written
    assert "downgrade-restores-schema (a, postgresql): its downgrade failed" in written
    assert " -- nobody goes back\n" in written
    assert "pyproject.toml: models-match-migrations: accepted, and not found: remove it" in written


@pytest.mark.parametrize("limit", [1_000, 5_000, markdown.LIMIT])
def test_a_comment_fits(limit: int) -> None:
    """However much is broken, the comment is short enough, and says that it was cut."""
    finding = RESTORES.finding(at("sqlite", "b"), what="x" * 3000, fix="y" * 30_000)
    written = markdown.render(msgspec.structs.replace(made(), findings=(finding,) * 50), limit)

    assert len(written) <= limit
    assert re.search(r"\*Cut to fit a comment: \d+ parts are left out\.", written)
    assert written.count("<details") == written.count("</details>")
    assert written.count("```") % 2 == 0


def test_a_long_finding_is_cut() -> None:
    """One finding does not take the whole comment; the cut is told."""
    finding = RESTORES.finding(at("sqlite", "b"), what="x", seen=["y" * 200] * 100, fix="")
    written = markdown.render(msgspec.structs.replace(made(), findings=(finding,)))

    assert "(cut here: the whole finding is in the other reports)" in written
    assert len(written) < 10_000


def test_nothing_gets_out_of_a_fence_or_a_cell() -> None:
    """Names and words of a database are text: no markup, no mention, no end of a fence."""
    assert fenced("a\n````\nb") == "`````text\na\n````\nb\n`````"
    assert fenced("a") == "```text\na\n```"
    assert cell("a|b <i> `c`\n@team") == "a\\|b \\<i\\> \\`c\\` @\N{ZERO WIDTH JOINER}team"


def test_a_long_table_is_folded() -> None:
    """What is proved is one line in a long history; what is not stands by name."""
    [table] = tables(long_history(MOST_ROWS + 20))

    assert table.splitlines()[2:] == ["| r0 Revision 0 | ⚪ |", f"| *{MOST_ROWS + 19} revisions* | ✅ |"]


def test_a_table_has_an_end() -> None:
    """A history of which nothing is proved does not fill the page."""
    report = long_history(200)
    unproved = tuple(replace(verdict, outcome=Outcome.NOT_PROVED) for verdict in report.outcomes)
    [table] = tables(msgspec.structs.replace(report, outcomes=unproved))

    assert len(table.splitlines()) == MOST_ROWS + 3
    assert table.splitlines()[-1] == f"| *and {200 - MOST_ROWS} more revisions that are not wholly proved* | |"


def test_the_diagram_draws_every_edge() -> None:
    """Nodes by number, edges upwards, a colour for each outcome; no name is Mermaid's syntax."""
    revisions = (
        RevisionSummary("a", ("old",), "a.py", 'end "quoted"]'),
        RevisionSummary("b", ("a",), "b.py", ""),
        RevisionSummary("c", ("a", "b"), "c.py", "x" * 60),
    )
    lines = (diagram(msgspec.structs.replace(made(), revisions=revisions)) or "").splitlines()

    assert lines[:2] == ["```mermaid", "flowchart LR"]
    assert lines[2] == '  r0["a<br>end #34;quoted#34;#93;"]'
    assert [line.strip() for line in lines if "-->" in line] == ["b0 --> r0", "r0 --> r1", "r0 --> r2", "r1 --> r2"]
    assert "  class r1 broken" in lines
    assert "…" in lines[4]


def test_a_long_history_is_drawn_from_its_end() -> None:
    """The newest revisions, with what stands right below them; none where there are no revisions."""
    drawn = diagram(long_history(MOST + 5)) or ""

    assert drawn.count("-->") == MOST
    assert '(["r4"])' in drawn
    assert diagram(msgspec.structs.replace(made(), revisions=())) is None


def test_the_summary_holds_the_graph_and_the_deploy_order() -> None:
    """Beside what a comment holds: the diagram, and what goes first in a deployment."""
    report = made()
    orders = ("schema first", "needs two releases")
    revisions = [msgspec.structs.replace(one, deploy=order) for one, order in zip(report.revisions, orders, strict=False)]
    written = summary.render(msgspec.structs.replace(report, revisions=tuple(revisions)))

    assert "#### Revisions\n\n```mermaid" in written
    table = "| deploy | revisions |\n| --- | --- |\n| needs two releases | b |\n| schema first | a |"
    assert f"#### Deploy order\n\n{table}" in written
    assert "#### Deploy order" not in summary.render(report)
    assert f"#### Revisions (the last {MOST} of {MOST + 5})" in summary.render(long_history(MOST + 5))


def test_a_summary_has_an_end() -> None:
    """GitHub drops a summary of more than a mebibyte as a whole."""
    finding = RESTORES.finding(at("sqlite", "b"), what="x" * 5000, fix="")
    written = summary.render(msgspec.structs.replace(made(), findings=(finding,) * 400))

    assert len(written.encode()) < 1024 * 1024
    assert re.search(r"\*\d+ findings are left out", written)

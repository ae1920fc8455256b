"""How a run is cut into parts, and joined again."""

import itertools
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alembic_proof.acceptance.unused import with_unused
from alembic_proof.checks.registry import ALL_CHECKS
from alembic_proof.errors import ProofError
from alembic_proof.findings import Acceptance, Accepted, Outcome, Severity, Verdict
from alembic_proof.reports.merge import merge_reports, require_all_shards, without_shard
from alembic_proof.reports.report import Report, RevisionSummary, StepSummary, Timing, Whole
from alembic_proof.reports.stored import read_report
from alembic_proof.shards import Piece, Shard, cut, parse_shard, part_of
from tests.unit.reports_made import HEAD, MATCH, RESTORES, accepted, at, made, unused

REVISIONS = ("a", "b", "c", "d")
SAME_SUBJECT = (
    ("It left another schema on sqlite.", Severity.ERROR),
    ("The schema on postgresql was the same.", Severity.WARNING),
    ("And on mariadb.", Severity.ERROR),
)


@given(costs=st.lists(st.floats(0.001, 1000), min_size=1, max_size=40), count=st.integers(1, 12))
def test_every_piece_is_in_one_part(costs: list[float], count: int) -> None:
    """Whatever the costs: the parts together are the whole row, in order, and no piece is done twice."""
    pieces = [Piece(None, (), str(number), cost) for number, cost in enumerate(costs)]
    parts = [part_of(pieces, Shard(number, count)) for number in range(1, count + 1)]

    assert list(itertools.chain.from_iterable(parts)) == pieces


def test_parts_cost_about_the_same() -> None:
    """No part is dearer than its share and one piece."""
    pieces = [Piece(None, (), str(number), float(number % 7 + 1)) for number in range(100)]
    share = sum(piece.cost for piece in pieces) / 8

    for number in range(1, 9):
        assert sum(piece.cost for piece in part_of(pieces, Shard(number, 8))) <= share + 7


def test_every_check_is_asked_of_everything_once() -> None:
    """The project's checks once; on each database the ones of the whole once, the others for each revision."""
    pieces = list(cut(ALL_CHECKS, REVISIONS, ("sqlite", "mariadb"), None))
    asked = [(piece.database, code, piece.revision) for piece in pieces for code in piece.checks]

    assert len(asked) == len(set(asked))
    assert {code for _, code, _ in asked} == {check.rule.code for check in ALL_CHECKS}
    assert {(database, revision) for database, code, revision in asked if code == "AP303"} == set(
        itertools.product(("sqlite", "mariadb"), REVISIONS)
    )
    assert [(database, revision) for database, code, revision in asked if code == "AP401"] == [
        ("sqlite", None),
        ("mariadb", None),
    ]
    assert [(database, revision) for database, code, revision in asked if code == "AP101"] == [(None, None)]


def test_what_was_recorded_counts() -> None:
    """An earlier report says which database takes longer, and, where it is detailed, which revision."""
    report = msgspec.structs.replace(
        made(),
        timings=(Timing("sqlite", "walk", 4.0), Timing("sqlite", "offline", 3.0), Timing("postgresql", "walk", 40.0)),
        steps=tuple(StepSummary("sqlite", name, (), (), seconds) for name, seconds in (("a", 1.0), ("b", 3.0))),
    )
    pieces = list(cut(ALL_CHECKS, REVISIONS[:2], ("sqlite", "postgresql"), report))
    costs = {(piece.database, piece.revision): piece.cost for piece in pieces}

    assert costs["sqlite", None] == 3.0
    assert (costs["sqlite", "a"], costs["sqlite", "b"]) == (1.0, 3.0)
    assert (costs["postgresql", "a"], costs["postgresql", "b"]) == (20.0, 20.0)


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "a/3", "1/", "1/2/3", "-1/3"])
def test_what_is_no_shard(text: str) -> None:
    """One line, with what to write."""
    with pytest.raises(ProofError, match=f"^{re.escape(f'Cannot take shard {json.dumps(text)}: ')}.*Write --shard 3/8\\.$"):
        parse_shard(text)


def with_outcome(outcome: Outcome, reason: str | None = None) -> Report:
    """A report that says one thing of one subject."""
    verdict = Verdict(check=RESTORES.slug, database="sqlite", revision="a", outcome=outcome, reason=reason)
    return msgspec.structs.replace(made(nothing_proved=True), outcomes=(verdict,))


@pytest.mark.parametrize("worse", [Outcome.BROKEN, Outcome.ACCEPTED, Outcome.NOT_PROVED])
def test_the_worse_outcome_counts(worse: Outcome) -> None:
    """What one part could not prove is not proved, whatever another says of it."""
    for reports in itertools.permutations([with_outcome(Outcome.PROVED), with_outcome(worse, "why")]):
        assert [(one.outcome, one.reason) for one in merge_reports(reports).outcomes] == [(worse, "why")]


def test_a_report_merged_with_itself_is_the_same() -> None:
    """Nothing is told twice; only the time is that of both."""
    report = made()
    merged = merge_reports([report, report])

    assert merged == msgspec.structs.replace(report, timings=(Timing("sqlite", "walk", 1.0),))


def test_revisions_come_parents_first() -> None:
    """In whatever order the parts come, the history is in its own."""
    summaries = {name: RevisionSummary(name, down, f"{name}.py", "") for name, down in (("a", ()), ("b", ("a",)), ("c", ("b",)))}
    parts = [msgspec.structs.replace(made(), revisions=(summaries[name],)) for name in "cab"]

    assert [revision.id for revision in merge_reports(parts).revisions] == ["a", "b", "c"]


def test_findings_of_all_parts_are_there() -> None:
    """Each part's findings count."""
    parts = [made(without=frozenset(Severity) - {severity}) for severity in Severity]

    assert set(merge_reports(parts).findings) == set(made().findings)


def test_what_one_part_could_not_compare_gives_way() -> None:
    """A revision that left another schema on one database is no warning beside it because another database saw none."""
    told = [HEAD.finding(at(None), what=what, fix="", object="a", severity=severity) for what, severity in SAME_SUBJECT]
    parts = [msgspec.structs.replace(made(nothing_proved=True), findings=(one,)) for one in told]

    assert [one.what for one in merge_reports(parts).findings] == ["It left another schema on sqlite.", "And on mariadb."]
    both = msgspec.structs.replace(parts[0], findings=tuple(told))
    assert merge_reports([both, both]).findings == tuple(told)


def waiting(*, databases: tuple[str, ...] | None, revisions: str, found: tuple[Accepted, ...] = ()) -> Report:
    """A part that proved some of three revisions on SQLite, and tells what the project accepts."""
    report = made(nothing_proved=True)
    whole = Whole(accept=(accepted()[0].acceptance, unused()), history=("a", "b", "d"), databases=databases)
    verdicts = (RESTORES, MATCH) if "d" in revisions else (RESTORES,)
    return msgspec.structs.replace(
        report,
        project=msgspec.structs.replace(report.project, whole=whole),
        databases=report.databases[:1],
        revisions=tuple(RevisionSummary(name, (), f"{name}.py", "") for name in revisions),
        outcomes=tuple(rule.proved(at("sqlite", name)) for rule in verdicts for name in revisions),
        accepted=found,
    )


@pytest.mark.parametrize(
    ("databases", "found", "told"),
    [
        ((), accepted(), [unused()]),
        (("sqlite",), (), [accepted()[0].acceptance, unused()]),
        (("sqlite", "postgresql"), (), []),
        (None, (), []),
    ],
)
def test_all_parts_together_tell_what_was_accepted_for_nothing(
    databases: tuple[str, ...] | None, found: tuple[Accepted, ...], told: list[Acceptance]
) -> None:
    """Each part alone may not: what it did not see, another may have found. Nor may all, where a database is still to come."""
    parts = [waiting(databases=databases, revisions="ab"), waiting(databases=databases, revisions="d", found=found)]

    assert list(with_unused(merge_reports(parts)).unused_acceptances) == told
    assert unused() not in with_unused(parts[0]).unused_acceptances


def part(text: str) -> Report:
    """A report that says which part it is."""
    report = made()
    return msgspec.structs.replace(report, project=msgspec.structs.replace(report.project, shard=text))


def test_parts_are_joined_in_their_order() -> None:
    """A shell lists part10 before part2: the databases come as the whole run has them."""
    first, second = (msgspec.structs.replace(part(f"{n}/2"), databases=(made().databases[n - 1],)) for n in (1, 2))

    assert merge_reports([second, first]).databases == made().databases


def test_no_part_may_be_missing() -> None:
    """What a lost part would have found is no proof; reports that are no parts may be merged as they are."""
    with pytest.raises(ProofError, match=r"^Cannot merge: shard 2/3 is missing\. Give the report of every one\.$"):
        require_all_shards([part("1/3"), part("3/3")])
    with pytest.raises(ProofError, match=r"^Cannot merge: shards 1/4, 3/4, 4/4 are missing\."):
        require_all_shards([part("2/4")])
    with pytest.raises(ProofError, match=r"^Cannot merge shards 1/3, 1/2: they are of different counts\."):
        require_all_shards([part("1/3"), part("1/2")])
    require_all_shards([part("2/2"), part("1/2")])
    require_all_shards([made(), made()])
    assert without_shard(part("1/3")) == made()


def test_reports_of_different_projects_are_not_merged() -> None:
    """One line says what is different."""
    report = made()
    other = msgspec.structs.replace(report, project=msgspec.structs.replace(report.project, config_file="other.ini"))

    with pytest.raises(ProofError, match=r"^Cannot merge the reports: one is of another project \(other\.ini beside alembic"):
        merge_reports([report, other])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory."),
        ("{}", "it is no report ("),
        ("no json", "it is no report ("),
        (
            json.dumps({**json.loads(msgspec.json.encode(made())), "schema_version": 7}),
            "its form is 7, ",
        ),
    ],
)
def test_a_file_that_is_no_report(tmp_path: Path, content: str | None, words: str) -> None:
    """One line, with how to write one."""
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(ProofError, match=f"^{re.escape(f'Cannot read {path}: {words}')}"):
        read_report(path)

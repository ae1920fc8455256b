"""Which findings are accepted, which acceptances expired, and which had nothing to accept."""

from datetime import date

import pytest

from alembic_proof.acceptance.matching import matches, sort_out
from alembic_proof.acceptance.unused import unused, used
from alembic_proof.findings import Acceptance, Finding, Outcome, Verdict
from tests.unit.reports_made import HEAD, RESTORES, at

TODAY = date(2026, 6, 1)


def finding(object_name: str | None, revision: str | None = "b") -> Finding:
    """A finding of AP303."""
    return RESTORES.finding(at("sqlite", revision), what="", fix="", object=object_name, seen=["x"])


def accept(
    object_name: str | None = None, revision: str | None = "b", until: date | None = None, reason: str = "why"
) -> Acceptance:
    """An acceptance of AP303."""
    return Acceptance(check=RESTORES.slug, revision=revision, object=object_name, reason=reason, until=until, file="f.py", line=3)


@pytest.mark.parametrize(
    ("written", "seen", "is_match"),
    [
        ("users.email", "users.email", True),
        ('"users"."email"', "users.email", True),
        ("`users`.email", "users.email", True),
        ('"we ird"."a""b"', 'we ird.a"b', True),
        ('users."a"', 'users."a"', True),
        ("users.email", "users.email_2", False),
        ("email", "users.email", False),
        ("users.email", "shop.users.email", False),
        ("users.Email", "users.email", False),
        ("users.email", None, False),
        (None, "users.email", True),
        (None, None, True),
    ],
)
def test_objects_are_equal_or_not(written: str | None, seen: str | None, *, is_match: bool) -> None:
    """An object is matched whole, with or without SQL's quotation marks; never a part of its name."""
    assert matches(accept(written), finding(seen)) is is_match


def test_check_and_revision_count() -> None:
    """Another check and another revision are not accepted; an acceptance without a revision takes any."""
    other = HEAD.finding(at("sqlite", "b"), what="", fix="", object="t")

    assert not matches(accept("t"), other)
    assert not matches(accept("t"), finding("t", "c"))
    assert not matches(accept("t"), finding("t", None))
    assert matches(accept("t", revision=None), finding("t", "c"))


def test_findings_are_parted() -> None:
    """What is accepted goes with its acceptance, the rest stays as it was."""
    told = sort_out([finding("a"), finding("b")], [accept("a"), accept("c")], TODAY)

    assert told.broken == (finding("b"),)
    assert [(one.finding.object, one.acceptance.reason) for one in told.accepted] == [("a", "why")]
    assert used([accept("a"), accept("c")], [finding("a"), finding("b")]) == {accept("a")}


def test_an_acceptance_holds_through_its_last_day() -> None:
    """On the day named it holds; the day after the finding is broken again and says what had expired."""
    last_day = accept("a", until=TODAY)
    expired = accept("a", until=date(2026, 5, 31))

    assert sort_out([finding("a")], [last_day], TODAY).broken == ()
    [broken] = sort_out([finding("a")], [expired], TODAY).broken
    assert broken.seen == ("x", "accepted until 2026-05-31 in f.py:3, which has expired: why")
    assert used([expired], [broken]) == {expired}


def test_one_that_holds_goes_before_one_that_expired() -> None:
    """A new acceptance beside an expired one is enough."""
    told = sort_out([finding("a")], [accept("a", until=date(2020, 1, 1)), accept("a", reason="new")], TODAY)

    assert [one.acceptance.reason for one in told.accepted] == ["new"]


def verdict(revision: str | None, outcome: Outcome = Outcome.PROVED, database: str | None = "sqlite") -> Verdict:
    """What AP303 said of a revision."""
    return Verdict(check=RESTORES.slug, database=database, revision=revision, outcome=outcome)


PROVED = [verdict("a"), verdict("b"), verdict("c")]


@pytest.mark.parametrize(
    ("acceptance", "outcomes", "chosen", "is_everywhere", "is_unused"),
    [
        (accept("t"), PROVED, "abc", True, True),
        (accept("t"), PROVED, "b", True, True),
        (accept("t"), PROVED, "ac", True, False),
        (accept("t"), PROVED, "abc", False, False),
        (accept("t"), [verdict("b", database=None)], "abc", False, True),
        (accept("t"), [verdict("b"), verdict("b", Outcome.NOT_PROVED, "postgresql")], "abc", True, False),
        (accept("t"), [verdict("a")], "abc", True, False),
        (accept("t"), [], "abc", True, False),
        (accept("t", revision=None), PROVED, "abc", True, True),
        (accept("t", revision=None), PROVED, "ab", True, False),
        (accept("t", revision=None), [*PROVED, verdict(None, Outcome.NOT_PROVED)], "abc", True, False),
        (accept("t", revision="gone"), [], "abc", False, True),
    ],
)
def test_unused_only_where_all_was_judged(
    acceptance: Acceptance, outcomes: list[Verdict], chosen: str, *, is_everywhere: bool, is_unused: bool
) -> None:
    """No alarm where the check, the revision or a database was left out or could not tell; one for a revision that is gone."""
    found = unused([acceptance], (), outcomes, history="abc", chosen=chosen, is_everywhere=is_everywhere)

    assert list(found) == ([acceptance] if is_unused else [])


def test_what_was_used_is_not_unused() -> None:
    """An acceptance that matched something is never reported, also when it expired."""
    assert list(unused([accept("t")], {accept("t")}, PROVED, history="abc", chosen="abc", is_everywhere=True)) == []

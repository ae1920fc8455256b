"""What a judgement is made of."""

from alembic_proof.findings import Direction, Outcome, Rule, Severity, Subject

RULE = Rule(module="alembic_proof.checks.upgrade_runs", code="AP301", effect="The deployment stops.")
WHERE = Subject(database="sqlite", revision="a", direction=Direction.UPGRADE, file="versions/a.py", line=3)


def test_a_name_is_derived_from_the_module() -> None:
    """Only the code is typed."""
    assert RULE.slug == "upgrade-runs"


def test_a_finding_takes_its_place_and_the_rules_words() -> None:
    """What is not said otherwise is the rule's."""
    finding = RULE.finding(WHERE, what="It failed.", fix="mend it")

    assert (finding.code, finding.check, finding.severity, finding.effect) == (
        "AP301",
        "upgrade-runs",
        Severity.ERROR,
        "The deployment stops.",
    )
    assert (finding.database, finding.revision, finding.direction, finding.file, finding.line) == (
        "sqlite",
        "a",
        Direction.UPGRADE,
        "versions/a.py",
        3,
    )
    assert (finding.seen, finding.object) == ((), None)


def test_a_finding_may_say_otherwise() -> None:
    """A check knows more of one case than its rule."""
    finding = RULE.finding(WHERE, what="It failed.", fix="", seen=["x"], object="t.c", effect="Nothing.", severity=Severity.NOTE)

    assert (finding.effect, finding.severity, finding.seen, finding.object) == ("Nothing.", Severity.NOTE, ("x",), "t.c")


def test_verdicts() -> None:
    """Proved needs no reason; not proved has one."""
    assert RULE.proved(WHERE).outcome is Outcome.PROVED
    assert RULE.proved(WHERE).reason is None
    assert (RULE.not_proved(WHERE, "no server").outcome, RULE.not_proved(WHERE, "no server").reason) == (
        Outcome.NOT_PROVED,
        "no server",
    )

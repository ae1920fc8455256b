"""Roles, which all databases of a server share: no false alarm, and nothing of the kind is left on a user's server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alembic_proof.databases.scratch import Unavailable
from alembic_proof.databases.speech import speech_of
from alembic_proof.experiments.cluster_wide import statements_in
from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject

ROLE = "alembic_proof_reader"
CHECKS = ("upgrade-runs", "downgrade-runs", "upgrade-reaches-head")


def planted(folder: Path, word: str = "ROLE") -> PlantedProject:
    """A table with a role that may read it. A `word` in braces is one that the file does not show."""
    project = PlantedProject(folder).revision(
        "a1",
        f"""
word = "ROLE"
op.create_table("post", sa.Column("id", sa.Integer(), primary_key=True))
op.execute(f"CREATE {word} {ROLE}")
op.execute("GRANT SELECT ON post TO {ROLE}")
""",
        f'word = "ROLE"\nop.drop_table("post")\nop.execute(f"DROP {word} {ROLE}")',
    )
    return project.revision("b2", 'op.add_column("post", sa.Column("n", sa.Integer()))', 'op.drop_column("post", "n")')


def roles(url: str) -> set[str]:
    """The roles of a server."""
    with speech_of("postgresql").connect(make_url(url)) as fetch:
        return {str(name) for (name,) in fetch("SELECT rolname FROM pg_roles")}


@pytest.fixture
def users_url(postgresql_url: str) -> Iterator[str]:
    """A server that others use; afterwards without the role."""
    yield postgresql_url
    with speech_of("postgresql").connect(make_url(postgresql_url)) as fetch:
        fetch(f"DROP ROLE IF EXISTS {ROLE}")


@pytest.mark.parametrize("word", ["ROLE", "{word}"])
def test_a_role_is_no_false_alarm(tmp_path: Path, word: str) -> None:
    """A history that makes a role is proved on private servers, whether its files show the statement or not."""
    report = planted(tmp_path, word).verify("postgresql", checks=CHECKS)
    assert report.findings == ()
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}


def test_one_revision_of_such_a_history(tmp_path: Path) -> None:
    """Where only the upper part is judged, the lower one is gone up on each of those servers: none of them can be copied."""
    report = planted(tmp_path).verify("postgresql", checks=CHECKS, revisions="b2")
    assert report.findings == ()
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}


def test_a_failure_beside_a_role_is_told(tmp_path: Path) -> None:
    """What is broken in such a history is found as it is elsewhere, and the walk goes on from a clean database."""
    project = planted(tmp_path).revision("c3", 'op.create_index("ix", "post", ["n"])', "pass")
    project.revision("d4", 'op.drop_index("ix", "post")', 'op.create_index("ix", "post", ["n"])')
    report = project.verify("postgresql", checks=("upgrade-runs", "downgrade-restores-schema"))
    assert [(finding.code, finding.revision, finding.object) for finding in report.findings] == [("AP303", "c3", "post.ix")]
    assert report.count(Outcome.PROVED) == 7


def test_nothing_is_run_on_a_server_of_others(tmp_path: Path, users_url: str) -> None:
    """On a user's server the history is not proved, with the statement as the reason; other databases are, all the same."""
    before = roles(users_url)
    project = planted(tmp_path)
    with pytest.raises(Unavailable, match=f'"CREATE ROLE {ROLE}" concerns all its databases.*Give --on postgresql, a private'):
        project.verify(users_url, checks=CHECKS)
    assert roles(users_url) == before
    report = project.verify("sqlite", users_url, checks=("upgrade-runs",))
    (verdict,) = [outcome for outcome in report.outcomes if outcome.database == users_url]
    assert verdict.outcome is Outcome.NOT_PROVED
    assert "others use it" in (verdict.reason or "")


def test_what_turns_up_on_a_server_of_others(tmp_path: Path, users_url: str) -> None:
    """A role that no file shows is named; where a failure speaks of it, nothing is proved there."""
    project = planted(tmp_path, "{word}")
    with pytest.raises(Unavailable, match=f"role {ROLE}, made since the run began, belongs to all its databases"):
        project.verify(users_url, checks=CHECKS)
    with speech_of("postgresql").connect(make_url(users_url)) as fetch:
        fetch(f"DROP ROLE {ROLE}")
    report = project.verify(users_url, checks=("upgrade-runs",), revisions="b2")
    assert [outcome.outcome for outcome in report.outcomes] == [Outcome.PROVED]
    assert report.not_compared[-1] == (
        f"{users_url}: role {ROLE}, which is new on the server since the run began: drop it by hand if nobody else made it"
    )


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("CREATE ROLE reader", ["CREATE ROLE reader"]),
        ('create user "app"', ['create user "app"']),
        ("DO $$ BEGIN IF NOT EXISTS (SELECT) THEN CREATE ROLE a; END IF; END $$", ["CREATE ROLE a"]),
        ("SELECT 1;\nDROP ROLE IF EXISTS a;  ALTER ROLE b NOLOGIN", ["DROP ROLE IF EXISTS a", "ALTER ROLE b"]),
        ("CREATE USER MAPPING FOR a SERVER b", []),
        ("CREATE TABLE role (id int)", []),
        ("GRANT SELECT ON post TO reader", []),
        ("We create role tables here", []),
    ],
)
def test_statements_on_what_databases_share(text: str, statements: list[str]) -> None:
    """A statement is one at the beginning of a text, of a line or of a block's step; a sentence is none."""
    assert list(statements_in(text)) == statements

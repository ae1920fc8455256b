"""`alembic-proof schema` and `alembic-proof diff`: what they print, on each database, and what they say to bad input."""

import json
from pathlib import Path
from typing import Any

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.pictures import difference_between, schema_at
from alembic_proof.reports.schema import SchemaAt, SchemaDifference, difference_as_json, difference_as_text, schema_as_text
from alembic_proof.testing import PlantedProject
from tests.doors.door import run, run_anew
from tests.walk.planting import plant_tables

POST = """
op.create_table(
    "post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(50)),
    sa.CheckConstraint("title <> ''", name="titled"),
)
"""
TITLE = """
print("on standard output")
with op.batch_alter_table("post") as post:
    post.alter_column("title", existing_type=sa.String(50), nullable=False)
op.create_index("ix_post_title", "post", ["title"])
op.execute("CREATE VIEW titles AS SELECT title FROM post")
"""


def planted(folder: Path) -> PlantedProject:
    """A table, and what a second revision does to it."""
    return PlantedProject(folder).revision("a1", POST).revision("b2", TITLE)


def looked(project: PlantedProject, revision: str = "head", on: str = "sqlite") -> SchemaAt:
    """The schema at a revision."""
    return schema_at(project.project, revision, on, lambda *_: None)


def compared(project: PlantedProject, before: str, after: str, on: str = "sqlite") -> SchemaDifference:
    """The difference between two."""
    return difference_between(project.project, before, after, on, lambda *_: None)


def test_the_schema_at_a_revision(tmp_path: Path) -> None:
    """Standard output holds the schema alone, whatever the migrations print; the version table is not part of it."""
    planted(tmp_path)
    ended = run_anew(tmp_path, "schema", "--on", "sqlite")
    assert (ended.status, ended.errors) == (0, ())
    assert ended.output == (
        "TABLE post\n"
        "    COLUMN post.id INTEGER NOT NULL\n"
        "    COLUMN post.title VARCHAR(50) NOT NULL\n"
        "    PRIMARY KEY ON post (id)\n"
        "    CHECK titled ON post (title <> '')\n"
        "    INDEX ix_post_title ON post (title)\n"
        "VIEW titles AS CREATE VIEW titles AS SELECT title FROM post\n"
        "-- not read: attached databases; temporary objects; the tables behind virtual tables; PRAGMA settings\n"
    )


def test_the_difference_between_two_revisions(tmp_path: Path) -> None:
    """A change is a line for each property, what is new is told in full, and the last line counts."""
    planted(tmp_path)
    ended = run_anew(tmp_path, "diff", "a1", "head", "--on", "sqlite")
    assert (ended.status, ended.errors) == (0, ())
    assert ended.output == (
        "~ COLUMN post.title  nullable: true -> false\n"
        "+ INDEX ix_post_title ON post (title)\n"
        "+ VIEW titles AS CREATE VIEW titles AS SELECT title FROM post\n"
        "3 differences between a1 and b2 on sqlite.\n"
    )


@pytest.mark.parametrize("on", ["postgresql_url", "mariadb_url"])
def test_on_a_server(tmp_path: Path, on: str, request: pytest.FixtureRequest) -> None:
    """The same on servers, whichever revision is the lower one; a table is told with all its parts."""
    project, url = planted(tmp_path), request.getfixturevalue(on)
    told = difference_as_text(compared(project, "a1", "base", url)).splitlines()
    assert told[0].startswith("- TABLE post")
    assert [line[:18] for line in told[1:5]] == [
        "-     COLUMN post.",
        "-     COLUMN post.",
        "-     PRIMARY KEY ",
        "-     CHECK titled",
    ]
    assert told[-1] == f"1 difference between a1 and base on {url}."
    text = schema_as_text(looked(project, "b2", url))
    assert "    INDEX ix_post_title ON post (title)\n" in text
    assert "VIEW titles AS" in text


def test_a_function_keeps_its_lines(tmp_path: Path, postgresql_url: str) -> None:
    """Code of several lines is written as it is, and a change in it line by line."""
    function = 'op.execute("CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS $$\\nSELECT\\n\\n  {} $$")'
    project = PlantedProject(tmp_path).revision("a1", function.format(1)).revision("b2", function.format(2))
    assert schema_as_text(looked(project, "a1", postgresql_url)).splitlines()[1:9] == [
        "FUNCTION one() AS",
        "    CREATE OR REPLACE FUNCTION public.one()",
        "     RETURNS integer",
        "     LANGUAGE sql",
        "    AS $function$",
        "    SELECT",
        "",
        "      1 $function$",
    ]
    told = difference_as_text(compared(project, "a1", "b2", postgresql_url), color=True)
    assert "\x1b[31m    -   1 $function$\x1b[0m\n\x1b[32m    +   2 $function$\x1b[0m\n" in told


def test_the_documents(tmp_path: Path) -> None:
    """--format json holds each object with its properties, and each difference with both sides and a sentence."""
    project = planted(tmp_path)
    document: dict[str, Any] = json.loads(run(tmp_path, "schema", "a1", "--on", "sqlite", "--format", "json").output)
    assert list(document) == ["schema_version", "database", "server_version", "revision", "objects", "not_read"]
    assert (document["schema_version"], document["database"], document["revision"]) == (1, "sqlite", "a1")
    assert [(one["kind"], one["schema"], one["table"], one["name"]) for one in document["objects"]] == [
        ("table", None, None, "post"), ("check", None, "post", "titled"), ("column", None, "post", "id"),
        ("column", None, "post", "title"), ("primary key", None, "post", "(id)"),
    ]  # fmt: skip
    assert document["objects"][1]["properties"] == {"expression": "title <> ''"}
    document = json.loads(difference_as_json(compared(project, "a1", "head")))
    assert list(document) == ["schema_version", "database", "server_version", "before", "after", "differences", "not_read"]
    assert [(one["change"], one["kind"], one["name"]) for one in document["differences"]] == [
        ("changed", "column", "title"), ("added", "index", "ix_post_title"), ("added", "view", "titles"),
    ]  # fmt: skip
    first = document["differences"][0]
    assert (first["before"]["nullable"], first["after"]["nullable"]) == (True, False)
    assert first["sentence"] == "Column post.title differed: it was nullable at a1 and NOT NULL at b2."


def test_ways_to_name_a_revision(tmp_path: Path) -> None:
    """An id, how it begins, how its file begins, head, heads, base, steps below one, a label's head; branches compare too."""
    project = plant_tables(PlantedProject(tmp_path), "a1", "b2")
    project.revision("1c3", "pass", down="a1", header='branch_labels = ("shop",)\ndepends_on = None')
    named = {
        one: looked(project, one).revision
        for one in ("a1", "1c", "b2_pl", "heads", "base", "b2-1", "b2-2", "shop@head", "1c3_planted-1")
    }
    assert named == {
        "a1": "a1", "1c": "1c3", "b2_pl": "b2", "heads": "1c3 b2", "base": "base", "b2-1": "a1", "b2-2": "base",
        "shop@head": "1c3", "1c3_planted-1": "a1",
    }  # fmt: skip
    assert difference_as_text(compared(project, "1c3", "b2")).splitlines()[0] == "+ TABLE t_b2"
    assert difference_as_text(compared(project, "b2", "b2")) == "No difference between b2 and b2 on sqlite.\n"


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("zz", 'Cannot find revision "zz": no revision has an id or a file that begins so. Give one that `alembic history`'),
        ("", 'Cannot find revision "": no revision has'),
        ("a1:c3", 'Cannot find revision "a1:c3": no revision has'),
        ("+1", 'Cannot find revision "+1": no revision has'),
        ("no@head", 'Cannot find revision "no@head": no revision has'),
        ("a", 'Cannot find revision "a": a1, a2 begin so. Give more of the id.'),
        ("shop", 'Cannot take "shop" for a revision: it is the label of a branch. Give shop@head, or the id of a revision.'),
        ("head", "Cannot take the head: there are 2 (a2, c3). Name one, or give heads for all together."),
        ("a1-2", 'Cannot go down to "a1-2": there is not one way down. Give the id of a revision.'),
        ("heads-1", 'Cannot go down to "heads-1": there is not one way down. Give the id of a revision.'),
    ],
)
def test_no_such_revision(tmp_path: Path, revision: str, words: str) -> None:
    """What names no revision, or several, or a branch, is said before anything runs."""
    project = PlantedProject(tmp_path).revision("a1").revision("a2")
    project.revision("c3", down="a1", header='branch_labels = ("shop",)')
    with pytest.raises(ProofError) as raised:
        looked(project, revision, "no database is opened")
    assert str(raised.value).startswith(words)
    assert "\n" not in str(raised.value)


def test_an_upgrade_that_fails(tmp_path: Path) -> None:
    """The line says which revision failed where and why, and the status is 2."""
    planted(tmp_path).revision("c3", 'op.drop_table("nowhere")')
    ended = run(tmp_path, "diff", "base", "head", "--on", "sqlite")
    assert (ended.status, ended.output) == (2, "")
    (line,) = ended.errors
    assert line == (
        "alembic-proof: Cannot look at the schema: the upgrade of c3 failed on sqlite at migrations/versions/c3_planted.py:11: "
        "OperationalError: no such table: nowhere. Mend the revision; `alembic-proof verify` shows all of it."
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("schema", "--on", "oracle"), "Cannot use database oracle: no such name. "),
        (("schema", "--format", "html"), 'Cannot write format "html": there is no such format. Use one of: text, json.'),
        (("diff", "a1", "zz"), 'Cannot find revision "zz": '),
    ],
)
def test_bad_input(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """An unknown database, format or revision is one line and status 2."""
    planted(tmp_path)
    ended = run(tmp_path, *arguments)
    assert (ended.status, ended.output, len(ended.errors)) == (2, "", 1)
    assert ended.errors[0].startswith(f"alembic-proof: {words}")


def test_a_broken_graph(tmp_path: Path) -> None:
    """A history with a missing parent has no schema to look at."""
    with pytest.raises(ProofError, match="the history has a missing parent in migrations/versions/b2_planted"):
        looked(PlantedProject(tmp_path).revision("b2", down="a1"))

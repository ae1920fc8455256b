"""AP601 with recorded statements: what the application was heard to send takes the place of what it could send."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.deploy_histories import TABLES as TABLES_OF_HAZARDS
from tests.checks.deploy_histories import deploy_history
from tests.gate.branches import Branched

CHECKS = ("old-code-still-runs",)
FILE = "alembic-proof-statements.toml"
TABLES = """
op.create_table(
    "users",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("nick", sa.String(20)),
)
op.create_table(
    "posts",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id")),
    sa.Column("title", sa.String(20)),
)
"""
QUIET = (
    "SELECT users.id, users.name FROM users WHERE users.id = {int} LIMIT {int}",
    "INSERT INTO users (name) VALUES ({str})",
    "UPDATE users SET name={str} WHERE users.id IN ({int})",
    "SELECT p.title FROM posts AS p JOIN users ON users.id = p.user_id WHERE p.title LIKE {str}",
    "INSERT INTO posts (user_id, title) VALUES ({int}, {None|str})",
    "DELETE FROM posts WHERE posts.user_id = {int}",
    "SELECT elsewhere.a FROM elsewhere",
)


def drop(column: str) -> str:
    """Drop a column of users."""
    return f'with op.batch_alter_table("users") as batch_op:\n    batch_op.drop_column("{column}")'


def planted(root: Path, kind: str = "sqlite", statements: tuple[str, ...] | None = QUIET) -> PlantedProject:
    """Two tables, a recording made on them, and a revision that drops users.nick."""
    project = PlantedProject(root).revision("a", TABLES).revision("b", drop("nick"))
    return project if statements is None else recorded(project, kind, ("a", statements))


def recorded(project: PlantedProject, kind: str, *recordings: tuple[str, tuple[str, ...]]) -> PlantedProject:
    """Write recordings as they are kept, the newest first."""
    (revision, statements), *earlier = recordings
    lines = [f'form = 1\n[{kind}]\nrevisions = ["{revision}"]\nstatements = {json.dumps(statements)}']
    newer = set(statements)
    for revision, some in earlier:
        lines.append(f'[[{kind}.earlier]]\nrevisions = ["{revision}"]')
        lines.append(f"also = {json.dumps(sorted(set(some) - newer))}\nwithout = {json.dumps(sorted(newer - set(some)))}")
        newer = set(some)
    return project.file(FILE, "\n".join(lines) + "\n")


def broken(project: PlantedProject, url: str = "sqlite") -> list[tuple[str | None, str | None]]:
    """What AP601 tells: revisions and objects."""
    return [(finding.revision, finding.object) for finding in project.verify(url, checks=CHECKS).findings]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_column_that_no_code_uses_may_go(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """Without a recording the drop breaks old code; with one that does not use it nothing does; with one that does, it breaks."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    assert broken(planted(tmp_path / "without", kind, None), url) == [("b", "users.nick")]

    report = planted(tmp_path / "unused", kind).verify(url, checks=CHECKS)
    assert report.findings == ()
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}

    used = (*QUIET, "UPDATE users SET nick={None|str} WHERE users.id = {int}")
    [finding] = planted(tmp_path / "used", kind, used).verify(url, checks=CHECKS).findings
    assert finding.object == "users.nick"
    assert finding.what.startswith("A recorded UPDATE of users ran before the upgrade and failed after it: ")
    assert finding.seen[0].startswith("UPDATE users SET nick='a' WHERE users.id = ")


def sent_by_code(kind: str) -> Iterator[str]:
    """What code that uses every column of the history of hazards sends."""
    columns = {"gone": ["v", "kept"], "unmoved": ["v", "n"], "undefaulted": []}
    created = re.findall(r'^    \("(\w+)",', TABLES_OF_HAZARDS, flags=re.MULTILINE)
    late = ["moods", "feelings", "ck_late_t", "fk_late_t", "nn_late_t"]
    for view in ("seen", "shown"):
        yield f"SELECT {view}.v FROM {view} WHERE {view}.id = {{int}}"
    for name in [*created, *{"sqlite": [], "mariadb": ["moods"], "postgresql": late}[kind]]:
        written = ["id", *columns.get(name, ["v"])]
        yield f"SELECT {', '.join(f'{name}.{column}' for column in written)} FROM {name} WHERE {name}.id = {{int}}"
        yield f"INSERT INTO {name} ({', '.join(written)}) VALUES ({', '.join('{str}' for _ in written)})"
        yield f"UPDATE {name} SET v={{str}} WHERE {name}.id IN ({{int}})"
        yield f"DELETE FROM {name} WHERE {name}.id = {{int}}"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_recorded_code_minds_what_derived_code_minds(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """Code that uses everything is broken by each hazard of old code, with the same object, and by nothing else."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    project, minded, _ = deploy_history(tmp_path, kind)
    report = recorded(project, kind, ("tables", tuple(sent_by_code(kind)))).verify(url, checks=CHECKS)
    told: dict[str | None, str | None] = {}
    for finding in report.findings:
        told.setdefault(finding.revision, finding.object)
        assert finding.what.startswith("A recorded ")

    assert told == minded
    assert [verdict.reason for verdict in report.outcomes if verdict.outcome is Outcome.NOT_PROVED] == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_recorded_delete_of_a_parent(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """A DELETE that took the children along and is refused now is told with the child's foreign key, though it names no child."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    project = PlantedProject(tmp_path, env_py=ENV_PY + "# The application's own engine says PRAGMA foreign_keys=ON\n")
    key = "sa.ForeignKeyConstraint(['p'], ['parent.id'], name='fk_p', ondelete='CASCADE')"
    table = 'sa.Column("id", sa.Integer(), primary_key=True)'
    columns = f'{table}, sa.Column("p", sa.Integer(), nullable=False), {key}'
    project.revision("a", f'op.create_table("parent", {table})\nop.create_table("child", {columns})')
    again = 'with op.batch_alter_table("child") as batch:\n    batch.drop_constraint("fk_p", type_="foreignkey")\n'
    again += '    batch.create_foreign_key("fk_p", "parent", ["p"], ["id"]'
    project.revision("b", f"{again})").revision("c", f"{again}, ondelete='CASCADE')")
    recorded(project, kind, ("a", ("DELETE FROM parent WHERE parent.id = {int}", "SELECT parent.id FROM parent")))
    report = project.verify(url, checks=CHECKS)

    [finding] = report.findings
    assert (finding.revision, finding.object) == ("b", "child.fk_p")
    assert finding.what.startswith("A recorded DELETE from parent")
    assert {(one.revision, one.outcome) for one in report.outcomes if one.outcome is not Outcome.PROVED} <= {
        ("b", Outcome.BROKEN)
    }


def test_what_else_breaks_recorded_code(tmp_path: Path) -> None:
    """A stricter, a unique, a needed, a retyped and a renamed thing: each is told once, where recorded code meets it."""
    alter = 'with op.batch_alter_table("{}") as batch_op:\n    batch_op.alter_column("{}", existing_type=sa.{}, {})'
    project = (
        PlantedProject(tmp_path)
        .revision("a", TABLES)
        .revision("strict", alter.format("posts", "title", "String(20)", "nullable=False"))
        .revision("unminded", 'op.add_column("users", sa.Column("age", sa.Integer))')
        .revision("unique", 'op.create_index("uq_name", "users", ["name"], unique=True)')
        .revision("retyped", alter.format("posts", "user_id", "Integer", "nullable=True"))
        .revision("needed", 'op.add_column("posts", sa.Column("kind", sa.String(9), nullable=False))')
        .revision("unused", drop("age"))
        .revision("renamed", 'op.rename_table("posts", "articles")')
    )
    recorded(project, "sqlite", ("a", QUIET))
    assert broken(project) == [
        ("strict", "posts.title"),
        ("unique", "users.uq_name"),
        ("needed", "posts.kind"),
        ("unused", "users.age"),  # it came after the recording, which cannot speak of it
        ("renamed", "posts"),
    ]


def test_statements_that_name_no_columns(tmp_path: Path) -> None:
    """Code that takes every column as it comes minds a column that goes and one that comes."""
    project = planted(tmp_path, statements=("SELECT * FROM users", "INSERT INTO users VALUES ({int}, {str}, {str})"))
    star, insert = project.verify("sqlite", checks=CHECKS).findings
    assert star.what == "A recorded SELECT from users gave 3 columns before the upgrade and 2 columns after it."
    assert (star.object, insert.object) == ("users.nick", "users")

    project = PlantedProject(tmp_path / "more").revision("a", TABLES)
    project.revision("b", 'op.add_column("users", sa.Column("age", sa.Integer))')
    recorded(project, "sqlite", ("a", ("SELECT * FROM users", "INSERT INTO users VALUES ({int}, {str}, {str})")))
    assert broken(project) == [("b", "users")]


def test_what_comes_back_as_another_type(tmp_path: Path) -> None:
    """A recorded SELECT that reads another type of value is told with the column."""
    columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("size", sa.Integer), sa.Column("t", sa.Text)'
    retyped = 'with op.batch_alter_table("posts") as b:\n    b.alter_column("size", existing_type=sa.Integer, type_=sa.String(9))'
    project = PlantedProject(tmp_path).revision("a", f'op.create_table("posts", {columns})').revision("b", retyped)
    recorded(project, "sqlite", ("a", ("SELECT p.id, p.t AS size, p.size AS t FROM posts AS p",)))
    [finding] = project.verify("sqlite", checks=CHECKS).findings
    assert finding.object == "posts.size"
    assert finding.what.startswith("A recorded SELECT from posts, read back, gave int 1 before the upgrade and str '1' after it.")


def test_values_that_no_column_tells(tmp_path: Path) -> None:
    """Where a value is for no column that is known, one of the recorded type is sent; what was always NULL stays NULL."""
    statements = (
        "SELECT users.id FROM users WHERE {datetime} < {Decimal} AND {bytes} = {UUID} AND {bool} OR abs({float}) LIMIT {int}",
        "SELECT users.id FROM users WHERE users.id = {int} AND users.name IN ({str}) AND other.id = {str} OR users.nick = {list}",
        "UPDATE users SET nick={None} WHERE users.name = upper({str})",
        "INSERT INTO posts VALUES ({int}, {int}, lower({str}))",
        "WITH new AS (SELECT users.id FROM users) INSERT INTO posts (user_id) SELECT new.id FROM new",
        "UPDATE elsewhere SET users={str}",
    )
    project = planted(tmp_path, statements=(*statements, "UPDATE posts SET title={None}")).revision("c", drop("name"))
    project.revision("d", 'with op.batch_alter_table("posts") as b:\n    b.alter_column("title", nullable=False)')
    report = project.verify("sqlite", checks=CHECKS)
    assert [(one.revision, one.object) for one in report.findings][:1] == [("b", "users.nick")]
    told = "".join(verdict.reason or "" for verdict in report.outcomes)
    assert "no such column: other.id" in told
    assert "elsewhere" in told
    assert [one.object for one in report.findings if one.revision == "d"] == ["posts.title"]


def test_what_cannot_be_sent_again_is_not_proved(tmp_path: Path) -> None:
    """A recorded statement that the old schema refuses is not proved, with the database's words; one that broke below is not."""
    project = planted(tmp_path, statements=("SELECT users.nick FROM users", "SELECT users.missing FROM users"))
    project.revision("c", drop("name"))
    report = project.verify("sqlite", checks=CHECKS)
    reasons = {v.revision: v.reason for v in report.outcomes if v.outcome is Outcome.NOT_PROVED}
    words = "SELECT users.missing FROM users: OperationalError: no such column: users.missing"
    assert reasons == {"c": f"a recorded statement could not be sent again to the old schema: {words}"}
    assert [finding.object for finding in report.findings] == ["users.nick"]


def test_the_last_recording_below_a_revision_speaks(tmp_path: Path) -> None:
    """A revision below the last recording is judged by the earlier one, and by derived statements below all; each says so."""
    project = planted(tmp_path).revision("c", drop("name"))
    recorded(project, "sqlite", ("c", ()), ("b", ("SELECT users.name FROM users",)), ("a", ("SELECT users.id FROM users",)))
    assert broken(project) == [("c", "users.name")]

    recorded(project, "sqlite", ("c", ()), ("unknown", ("SELECT users.id FROM users",)))
    first, _ = project.verify("sqlite", checks=CHECKS).findings
    assert first.seen[-1] == f"(a statement derived from the schema: {FILE} has no recording from below b)"


def test_another_database_s_statements_are_of_no_use(tmp_path: Path) -> None:
    """What was recorded on another kind of database is not sent to this one, and the report says so."""
    report = planted(tmp_path, "postgresql").verify("sqlite", checks=CHECKS)
    [finding] = report.findings
    assert finding.seen[-1] == f"(a statement derived from the schema: {FILE} has no statement of sqlite)"
    assert f"sqlite: recorded statements ({FILE} has none of sqlite)" in report.not_compared


def test_a_recording_of_a_view(tmp_path: Path) -> None:
    """A view that recorded code reads is told; one that only others read may go."""
    view = 'op.execute("CREATE VIEW {0} AS SELECT name FROM users")'
    project = PlantedProject(tmp_path).revision("a", f"{TABLES}\n{view.format('used')}\n{view.format('unused')}")
    project.revision("b", 'op.execute("DROP VIEW used")\nop.execute("DROP VIEW unused")')
    recorded(project, "sqlite", ("a", ("SELECT used.name FROM used",)))
    assert broken(project) == [("b", "used")]


def test_the_gate_takes_the_recording_of_the_base_branch(tmp_path: Path) -> None:
    """What a branch records of its own code says nothing of the code that is released."""
    project = Branched(tmp_path).revision("a", TABLES)
    recorded(project, "sqlite", ("a", ("SELECT users.nick FROM users",)))
    project.branch("feature").revision("b", drop("nick"))
    recorded(project, "sqlite", ("a", ("SELECT users.id FROM users",)))

    assert broken(project) == []
    [finding] = project.gate("sqlite", checks=CHECKS).findings
    assert finding.object == "users.nick"
    project.to("main")
    recorded(project, "sqlite", ("a", ("SELECT users.id FROM users",)))
    project.to("feature")
    assert project.gate("sqlite", checks=CHECKS).findings == ()


def test_a_base_branch_without_a_recording(tmp_path: Path) -> None:
    """Where only the branch has recorded something, the statements are derived, and it is said."""
    project = Branched(tmp_path).revision("a", TABLES).branch("feature").revision("b", drop("nick"))
    recorded(project, "sqlite", ("a", ("SELECT users.id FROM users",)))
    [finding] = project.gate("sqlite", checks=CHECKS).findings
    assert finding.seen[-1] == f"(a statement derived from the schema: {FILE} of main has no statement of sqlite)"


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    """A file with the recording's name that is something else stops the run in one line."""
    with pytest.raises(ProofError, match=rf"^Cannot read {FILE}: .* Write it again with: pytest --proof-record$"):
        planted(tmp_path, statements=None).file(FILE, "<<<<<<< HEAD\n").verify("sqlite", checks=CHECKS)

"""The planted bugs, each beside its clean twin."""

from bug_projects import BASE_PY, Bug, Revision, Shop

ADD_AGE = 'op.add_column("users", sa.Column("age", sa.Integer()))'
DROP_AGE = 'op.drop_column("users", "age")'
AGE = 'sa.Column("age", sa.Integer()),'
INDEX = 'op.create_index("ix_users_email", "users", ["email"])'
DROP_INDEX = 'op.drop_index("ix_users_email", table_name="users")'
INDEXED = 'sa.Index("ix_users_email", "email"),'


def of_models(name: str, models: str, migrated: str) -> Bug:
    """Models say one thing, and the migrations another."""
    return Bug(name, ["AP401"], Shop(models=models, migrated=migrated), Shop(models=models, migrated=models))


def of_event(name: str, kind: str, made: str, dropped: str) -> Bug:
    """An event of the models makes what no migration makes."""
    below = f"sa.event.listen(metadata, 'after_create', sa.DDL({made!r}))\n"
    mended = Revision(f"op.execute({made!r})", f"op.execute({dropped!r})")
    return Bug(f"{name}: a {kind}", ["AP401"], Shop(below_models=below), Shop(below_models=below, revisions=[mended]))


def of_downgrade(name: str, checks: list[str], upgrade: str, bad: str, good: str, *, before: str = "", models: str = "") -> Bug:
    """The upgrade is right; the downgrade is not."""
    return Bug(
        name,
        checks,
        Shop(migrated=before, models=models, revisions=[Revision(upgrade, bad)]),
        Shop(migrated=before, models=models, revisions=[Revision(upgrade, good)]),
    )


def of_rows(
    name: str, checks: list[str], bad: Revision, good: Revision, *, before: str = "", models: str = "", mended: str | None = None
) -> Bug:
    """Nothing shows on an empty table. `mended` are the models of the twin, where they are others."""
    return Bug(
        name,
        checks,
        Shop(migrated=before, models=models, revisions=[bad]),
        Shop(migrated=before, models=models if mended is None else mended, revisions=[good]),
    )


ENUM = 'sa.Column("mood", sa.Enum({labels}, name="mood")),'
PARTIAL = 'sa.Index("ix_users_named", "email", postgresql_where=sa.text("{where}")),'
VIEW, DROP_VIEW = "CREATE VIEW named AS SELECT id FROM users WHERE nickname IS NOT NULL", "DROP VIEW named"
MADE_VIEW = Revision(f"op.execute({VIEW!r})", f"op.execute({DROP_VIEW!r})")
FUNCTION = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'"
TRIGGER = f"{FUNCTION}; CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()"
DROP_TRIGGER = "DROP TRIGGER touched ON users; DROP FUNCTION touch()"
MOOD, DROP_MOOD = ENUM.format(labels="'calm', 'angry'"), 'op.execute("DROP TYPE mood")'
MOODS = 'sa.Enum("calm", "angry", name="mood")'
LATE = "from shop.late import LATE\n"
ORDERS = """\
import sqlalchemy as sa

from shop.base import metadata

orders = sa.Table("orders", metadata, sa.Column("id", sa.Integer(), primary_key=True))
"""

OF_THE_GRAPH = (
    Bug(
        "two heads",
        ["AP101"],
        Shop(models=AGE + INDEXED, revisions=[Revision(ADD_AGE, DROP_AGE), Revision(INDEX, DROP_INDEX, down="0001")]),
        Shop(models=AGE + INDEXED, revisions=[Revision(ADD_AGE, DROP_AGE), Revision(INDEX, DROP_INDEX)]),
    ),
    Bug(
        "a released revision edited",
        ["AP103"],
        Shop(
            models='sa.Column("age", sa.BigInteger()),',
            revisions=[Revision(ADD_AGE, DROP_AGE)],
            edits={"migrations/versions/0002_planted.py": ("sa.Integer()", "sa.BigInteger()")},
        ),
        Shop(
            models=AGE,
            revisions=[Revision(ADD_AGE, DROP_AGE)],
            edits={"migrations/versions/0002_planted.py": ('"""Revision 0002."""', '"""The age of a user."""')},
        ),
    ),
    Bug(
        "--sql crashes",
        ["AP305"],
        Shop(revisions=[Revision('op.get_bind().execute(sa.text("SELECT 1")).scalar_one()')]),
        Shop(revisions=[Revision('op.execute("SELECT 1")')]),
    ),
)

OF_MODELS = (
    of_models("a CHECK in the models only", 'sa.CheckConstraint("id > 0", name="ck_id"),', ""),
    of_models(
        "a CHECK with another text", 'sa.CheckConstraint("id > 0", name="ck_id"),', 'sa.CheckConstraint("id > 1", name="ck_id"),'
    ),
    of_models(
        "a server default differs",
        'sa.Column("age", sa.Integer(), server_default="18"),',
        'sa.Column("age", sa.Integer(), server_default="21"),',
    ),
    of_models("nullability differs", 'sa.Column("age", sa.Integer(), nullable=False),', AGE),
    of_models(
        "a foreign key's ON DELETE differs",
        'sa.Column("boss", sa.Integer(), sa.ForeignKey("users.id", name="fk_boss", ondelete="CASCADE")),',
        'sa.Column("boss", sa.Integer(), sa.ForeignKey("users.id", name="fk_boss")),',
    ),
    of_models(
        "a primary key differs",
        'sa.Column("shop", sa.Integer(), primary_key=True, autoincrement=False),',
        'sa.Column("shop", sa.Integer(), nullable=False),',
    ),
    Bug(
        "enum labels differ",
        ["AP401"],
        Shop(models=MOOD, migrated=ENUM.format(labels="'calm', 'cross'"), dropped=DROP_MOOD),
        Shop(models=MOOD, migrated=MOOD, dropped=DROP_MOOD),
    ),
    of_models(
        "a partial index's predicate differs",
        PARTIAL.format(where="nickname IS NOT NULL"),
        PARTIAL.format(where="nickname IS NULL"),
    ),
    of_event("DDL events of the models", "view", VIEW, DROP_VIEW),
    of_event("DDL events of the models", "trigger", TRIGGER, DROP_TRIGGER),
    Bug(
        "a model module that nothing imports",
        ["AP202"],
        Shop(files={"shop/orders.py": ORDERS}),
        Shop(),
    ),
    Bug(
        "a circular import that the order of imports hides",
        ["AP201"],
        Shop(files={"shop/base.py": BASE_PY + LATE, "shop/late.py": "from shop.base import metadata\n\nLATE = metadata\n"}),
        Shop(files={"shop/base.py": BASE_PY + LATE, "shop/late.py": "LATE = 1\n"}),
    ),
    Bug(
        "a migration that queries the live models",
        ["AP105"],
        Shop(revisions=[Revision("op.get_bind().execute(models.users.select())", header="from shop import models\n")]),
        Shop(revisions=[Revision('op.get_bind().execute(sa.text("SELECT id FROM users"))')]),
    ),
)

OF_DOWNGRADES = (
    of_downgrade(
        "an index left by downgrade",
        ["AP303"],
        ADD_AGE + "\n" + INDEX,
        DROP_AGE,
        DROP_INDEX + "\n" + DROP_AGE,
        models=AGE + INDEXED,
    ),
    of_downgrade(
        "an index left by downgrade, with if_not_exists",
        ["AP303"],
        ADD_AGE + "\n" + INDEX.replace('["email"]', '["email"], if_not_exists=True'),
        DROP_AGE,
        DROP_INDEX + "\n" + DROP_AGE,
        models=AGE + INDEXED,
    ),
    of_downgrade("`pass` as downgrade of a schema change", ["AP303"], ADD_AGE, "pass", DROP_AGE, models=AGE),
    of_downgrade(
        "downgrade restores another type",
        ["AP303"],
        'op.alter_column("users", "bio", type_=sa.Text())',
        'op.alter_column("users", "bio", type_=sa.CHAR(60))',
        'op.alter_column("users", "bio", type_=sa.String())',
        before='sa.Column("bio", sa.String()),',
        models='sa.Column("bio", sa.Text()),',
    ),
    of_downgrade(
        "downgrade restores another nullability",
        ["AP303"],
        'op.alter_column("users", "age", server_default="1")',
        'op.alter_column("users", "age", server_default="0", nullable=True)',
        'op.alter_column("users", "age", server_default="0")',
        before='sa.Column("age", sa.Integer(), nullable=False, server_default="0"),',
        models='sa.Column("age", sa.Integer(), nullable=False, server_default="1"),',
    ),
    of_downgrade(
        "downgrade loses a default",
        ["AP303"],
        'op.alter_column("users", "age", server_default=None)',
        "pass",
        'op.alter_column("users", "age", server_default="0")',
        before='sa.Column("age", sa.Integer(), server_default="0"),',
        models=AGE,
    ),
    Bug(
        "downgrade does not restore a view",
        ["AP303"],
        Shop(revisions=[MADE_VIEW, Revision(f"op.execute({DROP_VIEW!r})")]),
        Shop(revisions=[MADE_VIEW, Revision(f"op.execute({DROP_VIEW!r})", f"op.execute({VIEW!r})")]),
    ),
    of_downgrade(
        "downgrade leaves an enum type",
        ["AP303"],
        f'mood = {MOODS}\nmood.create(op.get_bind())\nop.add_column("users", sa.Column("mood", mood))',
        'op.drop_column("users", "mood")',
        f'op.drop_column("users", "mood")\n{MOODS}.drop(op.get_bind())',
        models=MOOD,
    ),
)

ADD_HANDLE = """\
op.add_column("users", sa.Column("handle", sa.String(50), nullable=False, server_default=""))
op.execute("UPDATE users SET handle = {filled}")
"""
DROP_HANDLE = 'op.drop_column("users", "handle")'

OF_ROWS = (
    of_rows(
        "a NOT NULL column without a default",
        ["AP501"],
        Revision('op.add_column("users", sa.Column("age", sa.Integer(), nullable=False))', DROP_AGE),
        Revision('op.add_column("users", sa.Column("age", sa.Integer(), nullable=False, server_default="0"))', DROP_AGE),
        models='sa.Column("age", sa.Integer(), nullable=False),',
        mended='sa.Column("age", sa.Integer(), nullable=False, server_default="0"),',
    ),
    of_rows(
        "unique over duplicates",
        ["AP501"],
        Revision(
            'op.create_unique_constraint("uq_users_nickname", "users", ["nickname"])',
            'op.drop_constraint("uq_users_nickname", "users")',
        ),
        Revision(INDEX, DROP_INDEX),
        models='sa.UniqueConstraint("nickname", name="uq_users_nickname"),',
        mended=INDEXED,
    ),
    of_rows(
        "a data migration that dies on a NULL",
        ["AP501"],
        Revision(ADD_HANDLE.format(filled="nickname"), DROP_HANDLE),
        Revision(ADD_HANDLE.format(filled="coalesce(nickname, '')"), DROP_HANDLE),
        models='sa.Column("handle", sa.String(50), nullable=False, server_default=""),',
    ),
    of_rows(
        "Float to Integer",
        ["AP502"],
        Revision('op.alter_column("users", "price", type_=sa.Integer())', 'op.alter_column("users", "price", type_=sa.Double())'),
        Revision(INDEX, DROP_INDEX),
        before='sa.Column("price", sa.Double()),',
        models='sa.Column("price", sa.Integer()),',
        mended='sa.Column("price", sa.Double()),' + INDEXED,
    ),
    of_rows(
        "a column dropped, and added empty by downgrade",
        ["AP502", "AP504"],
        Revision(DROP_AGE, ADD_AGE),
        Revision(INDEX, DROP_INDEX),
        before=AGE,
        mended=AGE + INDEXED,
    ),
    of_rows(
        "a rename written as drop and add",
        ["AP502"],
        Revision(
            DROP_AGE + '\nop.add_column("users", sa.Column("years", sa.Integer()))',
            'op.drop_column("users", "years")\n' + ADD_AGE,
        ),
        Revision(
            'op.alter_column("users", "age", new_column_name="years")', 'op.alter_column("users", "years", new_column_name="age")'
        ),
        before=AGE,
        models='sa.Column("years", sa.Integer()),',
    ),
    of_rows(
        "`pass` as downgrade of a change of rows",
        ["AP504"],
        Revision("op.execute(\"UPDATE users SET nickname = 'nobody' WHERE nickname IS NULL\")"),
        Revision('op.execute("UPDATE users SET nickname = nickname")'),
    ),
    of_rows(
        "a downgrade that fails on rows written after the upgrade",
        ["AP503"],
        Revision(
            'op.alter_column("users", "age", nullable=True)',
            'op.alter_column("users", "age", nullable=False)',
        ),
        Revision(
            'op.alter_column("users", "age", nullable=True)',
            'op.execute("UPDATE users SET age = 0 WHERE age IS NULL")\nop.alter_column("users", "age", nullable=False)',
        ),
        before='sa.Column("age", sa.Integer(), nullable=False),',
        models=AGE,
    ),
)

BUGS = OF_THE_GRAPH + OF_MODELS + OF_DOWNGRADES + OF_ROWS

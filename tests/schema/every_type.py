"""Every type of SQLAlchemy that a database takes as a column, and those that it refuses."""

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite


class Mood(enum.Enum):
    SAD = "sad"
    FINE = "fine"


class Lowered(sa.TypeDecorator[str]):
    """A project's own type around one of SQLAlchemy's."""

    impl = sa.String(12)
    cache_ok = True


class Grade(sa.types.UserDefinedType[str]):
    """A project's own type that writes its own DDL."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "CHAR(2)"


# Left out, for the migration that Alembic makes of them really has another column: Interval's arguments, which its repr()
# omits, and the charset of MySQL's ENUM, which a copy of the type loses.
GENERIC: tuple[Any, ...] = (
    sa.BigInteger(), sa.Boolean(), sa.Boolean(create_constraint=True, name="flag"), sa.Date(), sa.DateTime(),
    sa.DateTime(timezone=True), sa.Double(), sa.Float(), sa.Float(24), sa.Float(53), sa.Integer(), sa.Interval(),
    sa.JSON(), sa.JSON(none_as_null=True),
    sa.LargeBinary(), sa.LargeBinary(100), sa.Numeric(), sa.Numeric(10, 2), sa.Numeric(asdecimal=False),
    sa.PickleType(), sa.SmallInteger(), sa.String(30), sa.Text(), sa.Time(), sa.Time(timezone=True), sa.Unicode(30),
    sa.UnicodeText(), sa.Uuid(), sa.Uuid(as_uuid=False), sa.Uuid(native_uuid=False), sa.Enum(Mood, name="mood"),
    sa.Enum("a", "b", name="letters", native_enum=False), sa.Enum("a", "bc", name="longer", native_enum=False, length=20),
    sa.Enum("c", "d", name="checked", native_enum=False, create_constraint=True), Lowered(), Grade(),
    sa.String(5).with_variant(sa.Text(), "sqlite", "postgresql").with_variant(mysql.LONGTEXT(), "mysql", "mariadb"),
    sa.BIGINT(), sa.BOOLEAN(), sa.CHAR(), sa.CHAR(3), sa.DATE(), sa.DECIMAL(7, 1), sa.DOUBLE_PRECISION(), sa.FLOAT(),
    sa.INTEGER(),
    sa.NCHAR(4), sa.NUMERIC(5), sa.REAL(), sa.SMALLINT(), sa.TEXT(), sa.TIME(), sa.TIMESTAMP(), sa.UUID(), sa.VARCHAR(9),
)  # fmt: skip
NOT_STANDARD: tuple[Any, ...] = (sa.BINARY(4), sa.BLOB(), sa.DATETIME(), sa.DOUBLE(), sa.NVARCHAR(5), sa.VARBINARY(4))

_MULTIRANGES = (
    postgresql.DATEMULTIRANGE, postgresql.INT4MULTIRANGE, postgresql.INT8MULTIRANGE, postgresql.NUMMULTIRANGE,
    postgresql.TSMULTIRANGE, postgresql.TSTZMULTIRANGE,
)  # fmt: skip
_RANGES = (
    postgresql.DATERANGE, postgresql.INT4RANGE, postgresql.INT8RANGE, postgresql.NUMRANGE, postgresql.TSRANGE,
    postgresql.TSTZRANGE,
)  # fmt: skip
POSTGRESQL: tuple[Any, ...] = (
    *(type_() for type_ in (*_RANGES, *_MULTIRANGES)),
    sa.Double(53), sa.ARRAY(sa.Integer), sa.String(5, collation="C"), sa.Text(collation="POSIX"),
    sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
    postgresql.ARRAY(sa.Integer), postgresql.ARRAY(sa.String(5)), postgresql.ARRAY(sa.Text, dimensions=2),
    postgresql.ARRAY(sa.Numeric(6, 2), zero_indexes=True), postgresql.ARRAY(sa.Enum("p", "q", name="listed")),
    postgresql.ARRAY(Lowered), postgresql.BIT(), postgresql.BIT(3), postgresql.BIT(3, varying=True),
    postgresql.BIT(varying=True),
    postgresql.BYTEA(), postgresql.CIDR(), postgresql.CITEXT(), postgresql.CITEXT(collation="C"),
    postgresql.DOMAIN("positive", sa.Integer, check="VALUE > 0", default="1", constraint_name="over_zero"),
    postgresql.DOMAIN("named", sa.String(20), collation="C", not_null=True),
    postgresql.ENUM("x", "y", name="letter"), postgresql.ENUM(Mood, name="own_mood"), postgresql.HSTORE(), postgresql.INET(),
    postgresql.INTERVAL(), postgresql.INTERVAL(fields="DAY TO SECOND", precision=3),
    postgresql.INTERVAL(fields="YEAR TO MONTH"),
    postgresql.JSON(), postgresql.JSONB(), postgresql.JSONPATH(), postgresql.MACADDR(), postgresql.MACADDR8(),
    postgresql.MONEY(),
    postgresql.OID(), postgresql.REGCLASS(), postgresql.REGCONFIG(), postgresql.TIME(precision=3),
    postgresql.TIME(timezone=True, precision=0), postgresql.TIMESTAMP(timezone=True, precision=3),
    postgresql.TIMESTAMP(precision=0),
    postgresql.TSQUERY(), postgresql.TSVECTOR(),
)  # fmt: skip
MARIADB: tuple[Any, ...] = (
    *NOT_STANDARD, sa.Text(200), sa.String(5, collation="utf8mb4_bin"), sa.Text(collation="latin1_swedish_ci"),
    mysql.BIGINT(20, unsigned=True), mysql.BIT(), mysql.BIT(4), mysql.CHAR(4, charset="latin1"), mysql.CHAR(4, binary=True),
    mysql.DATETIME(fsp=3), mysql.DECIMAL(8, 3, unsigned=True), mysql.DECIMAL(8, 3, zerofill=True), mysql.DOUBLE(),
    mysql.DOUBLE(8, 3, asdecimal=True), mysql.DOUBLE(unsigned=True), mysql.ENUM("x", "it's"),
    mysql.FLOAT(8, 3), mysql.FLOAT(30), mysql.FLOAT(unsigned=True), mysql.INET4(), mysql.INET6(),
    mysql.INTEGER(display_width=5, zerofill=True), mysql.INTEGER(unsigned=True), mysql.JSON(), mysql.LONGBLOB(),
    mysql.LONGTEXT(collation="latin1_bin"), mysql.MEDIUMBLOB(), mysql.MEDIUMINT(),
    mysql.MEDIUMINT(8, unsigned=True, zerofill=True),
    mysql.MEDIUMTEXT(charset="latin1"), mysql.NCHAR(3), mysql.NCHAR(3, collation="utf8mb3_bin"),
    mysql.NUMERIC(9, 4, unsigned=True),
    mysql.NVARCHAR(6), mysql.REAL(), mysql.REAL(9, 2), mysql.SET("a", "b"), mysql.SET("c", "d", collation="latin1_bin"),
    mysql.SMALLINT(4, unsigned=True), mysql.TEXT(50), mysql.TEXT(charset="utf8mb4"), mysql.TIME(fsp=2), mysql.TIMESTAMP(fsp=6),
    mysql.TINYBLOB(), mysql.TINYINT(), mysql.TINYINT(1), mysql.TINYINT(unsigned=True), mysql.TINYTEXT(),
    mysql.VARCHAR(9, collation="latin1_bin"), mysql.VARCHAR(9, charset="latin1", binary=True), mysql.YEAR(), mysql.YEAR(4),
)  # fmt: skip
_DATES: tuple[Any, ...] = tuple(getattr(sqlite, name)() for name in ("DATE", "DATETIME", "TIME"))
SQLITE: tuple[Any, ...] = (
    *NOT_STANDARD, sa.Text(200), sa.Double(53), sa.CLOB(), sa.String(5, collation="NOCASE"), sa.Text(collation="RTRIM"),
    *_DATES,
    sqlite.JSON(), *((sqlite.JSONB(),) if hasattr(sqlite, "JSONB") else ()),
)  # fmt: skip
TYPES: dict[str, tuple[Any, ...]] = {
    "sqlite": (*GENERIC, *SQLITE), "postgresql": (*GENERIC, *POSTGRESQL), "mariadb": (*GENERIC, *MARIADB),
}  # fmt: skip

# Not for a column at all: bases of other types, and the type of a pair in an IN clause.
_NO_COLUMN: tuple[Any, ...] = (sa.types.NullType, sa.types.TupleType, sa.types.TypeEngine, sa.types.Variant)
# What MATCH yields: Alembic writes it as sa.MatchType, which does not exist, so no migration has one.
UNNAMED: tuple[Any, ...] = (sa.types.MatchType,)
# The database has no such type: SQLAlchemy or the server says so when one is made.
REFUSED: dict[str, tuple[Any, ...]] = {
    "sqlite": (*_NO_COLUMN, sa.ARRAY),
    "postgresql": (
        *_NO_COLUMN, *(type(made) for made in NOT_STANDARD), sa.CLOB, postgresql.NamedType,
        *(getattr(postgresql, name) for name in ("AbstractRange", "AbstractSingleRange", "AbstractMultiRange")),
    ),
    "mariadb": (*_NO_COLUMN, sa.ARRAY, sa.CLOB),
}  # fmt: skip

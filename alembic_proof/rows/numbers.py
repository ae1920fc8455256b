"""Numbers and truth values, to their limits."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from alembic_proof.rows.types import Type, Values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from alembic_proof.rows.literals import Value

_BITS = {
    "tinyint": 8, "smallint": 16, "int2": 16, "smallserial": 16, "mediumint": 24, "integer": 32, "int": 32, "int4": 32,
    "serial": 32, "bigint": 64, "int8": 64, "bigserial": 64,
}  # fmt: skip
_EXACT = ("numeric", "decimal", "dec", "money")
_DOUBLE = ("double precision", "double", "real", "float")
_CENTS = 2
_MONEY = (17, _CENTS)
_FREE = (Decimal(0), Decimal("-0.1"), Decimal("19.99"), Decimal("12345678901234567890.123456789"))


def values_of(type_: Type, kind: str) -> Values | None:
    """Give the values of a number's type, and of BOOLEAN; None for any other."""
    if type_.name in ("boolean", "bool") or (type_.name == "tinyint" and type_.number() == 1 and kind in ("mariadb", "mysql")):
        return Values(plain=True, limits=(False,), nth=lambda n: n % 2 == 1)
    if type_.name.removesuffix(" unsigned") in _BITS and not (type_.arguments and kind == "postgresql"):
        is_unsigned = "unsigned" in f"{type_.name} {type_.suffix}"
        return _integers(_BITS[type_.name.removesuffix(" unsigned")], is_unsigned=is_unsigned)
    if type_.name.removesuffix(" unsigned") in _EXACT:
        return _exact(type_, kind)
    if type_.name.removesuffix(" unsigned") in _DOUBLE:
        is_single = (type_.name == "real" and kind == "postgresql") or (type_.name == "float" and kind in ("mariadb", "mysql"))
        return _floats(is_single=is_single, kind=kind)
    return None


def _integers(bits: int, *, is_unsigned: bool) -> Values:
    least, most = (0, 2**bits - 1) if is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.integers(least, most)

    limits = tuple(dict.fromkeys((0, 2, 10, least, most) if is_unsigned else (0, -1, 2, least, most)))
    return Values(1, limits, lambda n: n, draw)


def _exact(type_: Type, kind: str) -> Values:
    precision, scale = _MONEY if type_.name == "money" else (type_.number(), type_.number(1) or 0)
    if precision is None and kind in ("mariadb", "mysql"):
        precision = 10
    if precision is None:
        unbound: tuple[Value, ...] = (Decimal("NaN"),) if kind == "postgresql" else ()
        return Values(Decimal("1.5"), (*_FREE, *unbound), Decimal)
    largest = 10**precision - 1
    most = _scaled(largest, scale)
    usual = [_scaled(1999, 2)] if scale == _CENTS and most > 20 else []  # noqa: PLR2004 - has room for 19.99
    limits: list[Value] = [Decimal(0), _scaled(1, scale), *usual, most]
    is_signed = "unsigned" not in f"{type_.name} {type_.suffix}"
    if is_signed:
        limits.append(most.copy_negate())
    if kind == "postgresql" and type_.name != "money":
        limits.append(Decimal("NaN"))

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.integers(-largest if is_signed else 0, largest).map(lambda number: _scaled(number, scale))

    return Values(min(Decimal(1), most), tuple(dict.fromkeys(limits)), lambda n: _scaled(n, scale), draw)


def _scaled(number: int, scale: int) -> Decimal:
    """Move the point by `scale`, exactly: arithmetic would round to the context's precision."""
    return Decimal((int(number < 0), tuple(int(digit) for digit in str(abs(number))), -scale))


def _floats(*, is_single: bool, kind: str) -> Values:
    largest = 3.4028234663852886e38 if is_single else 1.7976931348623157e308
    limits: list[Value] = [0.0, 19.99 if not is_single else 0.1, -1.5, 1e-30, largest]
    if kind == "postgresql":
        limits += [float("inf"), float("nan")]

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.floats(-largest, largest, width=32 if is_single else 64, allow_subnormal=False)

    return Values(1.5, tuple(limits), float, draw)

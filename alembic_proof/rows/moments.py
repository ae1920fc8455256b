"""Dates, times and intervals: the earliest and the latest that Python's own types hold, fractions of a second, time zones."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from alembic_proof.rows.types import Type, Values, among

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a column without a time zone


def is_moment(type_: Type) -> bool:
    """Whether a type holds dates or times."""
    return type_.name.startswith(("date", "time", "interval"))


def values_of(type_: Type, kind: str) -> Values | None:
    """Give the values of a type of times, as texts; None for any other type."""
    if type_.name.startswith("interval"):
        return among(["1 day", "00:00:00", "-1 month", "1 year 2 months 3 days 04:05:06.789"])
    if type_.name == "year":
        return Values(2000, (1901, 2155), lambda n: 1901 + n % 250)
    if type_.name == "date":
        return _dates(is_mariadb=kind in ("mariadb", "mysql"))
    return _of_clocks(type_, is_mariadb=kind in ("mariadb", "mysql"))


def _of_clocks(type_: Type, *, is_mariadb: bool) -> Values | None:
    words = f"{type_.name} {type_.suffix}".strip()
    has_fraction = not is_mariadb if type_.number() is None else type_.number() != 0
    if type_.name == "timestamp" and is_mariadb:
        return _moments("1970-01-02 00:00:01", "2038-01-18 03:14:07", has_fraction=has_fraction)
    if type_.name.startswith(("timestamp", "datetime")):
        first = "1000-01-01 00:00:00" if is_mariadb else "0001-01-01 00:00:00"
        last = "9999-12-31 23:59:59" + (".999999" if has_fraction and type_.number() in (None, 6) else "")
        zone = "+00" if words in ("timestamp with time zone", "timestamptz") else ""
        return _moments(first, last, zone=zone, has_fraction=has_fraction)
    if type_.name.startswith("time"):
        zone = "+00" if words in ("time with time zone", "timetz") else ""
        return _times(zone=zone, has_fraction=has_fraction)
    return None


def _dates(*, is_mariadb: bool) -> Values:
    first = date(1000, 1, 1) if is_mariadb else date.min

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.dates(first).map(str)

    return Values("2000-01-01", (str(first), "1969-12-31", "2024-02-29", "9999-12-31"), _nth_day, draw)


def _nth_day(n: int) -> str:
    return str((_EPOCH + timedelta(days=n)).date())


def _moments(first: str, last: str, *, zone: str = "", has_fraction: bool) -> Values:
    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        earliest, latest = datetime.fromisoformat(first), datetime.fromisoformat(last)
        return st.datetimes(earliest, latest).map(lambda moment: _written(moment, zone, has_fraction=has_fraction))

    # Of one second and of one day: whatever cuts fractions or hours off makes two of them one.
    alike = [f"2024-02-29 {clock}{zone}" for clock in ("00:00:00", "12:34:56", *(["12:34:56.123456"] if has_fraction else []))]
    limits = [first + zone, *reversed(alike), last + zone]
    if zone:
        limits.append("2024-03-31 02:30:00+14")
    return Values(f"2000-01-01 00:00:00{zone}", tuple(limits), lambda n: f"{_EPOCH + timedelta(seconds=n)}{zone}", draw)


def _written(moment: datetime | time, zone: str, *, has_fraction: bool) -> str:
    return str(moment if has_fraction else moment.replace(microsecond=0)) + zone


def _times(*, zone: str, has_fraction: bool) -> Values:
    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.times().map(lambda moment: _written(moment, zone, has_fraction=has_fraction))

    limits = [
        f"{clock}{zone}" for clock in ("00:00:00", "23:59:59", *(["12:00:00.123456", "23:59:59.999999"] if has_fraction else []))
    ]
    return Values(f"12:00:00{zone}", tuple(limits), lambda n: f"{(_EPOCH + timedelta(seconds=n)).time()}{zone}", draw)

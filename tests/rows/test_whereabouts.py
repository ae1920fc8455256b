"""Where values went: into a column that is new, or into one that was there and did not hold them."""

from collections.abc import Mapping
from typing import Any

from alembic_proof.experiments.rows.fates import compare_rows
from alembic_proof.row_evidence import Fate
from alembic_proof.rows.tables import Column, Table

Rows = list[dict[str, Any]]


def a_table(name: str, *columns: str, key: str = "id") -> Table:
    """A table with a key and texts."""
    every = tuple(Column(name, column, "text", nullable=True) for column in columns)
    keys = (key,) if key else ()
    return Table(
        None, name, (*(Column(name, one, "integer", nullable=False) for one in keys), *every), keys, (keys,) if keys else ()
    )


def rows(key: str = "id", **columns: str) -> Rows:
    """Rows with the keys 1, 2, ... and a letter in each column."""
    number = len(next(iter(columns.values())))
    return [{key: n + 1, **{name: letters[n] for name, letters in columns.items()}} for n in range(number)]


def fate(old: Mapping[str, Rows], new: Mapping[str, Rows], below: list[Table], above: list[Table]) -> tuple[Fate, str | None]:
    """What became of t.s."""
    found = compare_rows(old, new, {one.full_name: one for one in below}, {one.full_name: one for one in above})
    return next((one.fate, one.now) for one in found.fates if (one.table, one.column) == ("t", "s"))


T, WITHOUT = a_table("t", "s"), a_table("t")
GONE = (Fate.GONE, None)


def test_what_came_into_a_column_that_was_there() -> None:
    """New rows, or rows that are written over, hold what the dropped column held."""
    old = {"t": rows(s="abc"), "u": rows(v="xyz")}
    u = a_table("u", "v")
    added = {"t": rows(s="abc"), "u": rows(v="xyzabc")}
    written_over = {"t": rows(s="abc"), "u": rows(v="abc")}

    assert fate(old, added, [T, u], [WITHOUT, u]) == (Fate.MOVED, "u.v")
    assert fate(old, written_over, [T, u], [WITHOUT, u]) == (Fate.MOVED, "u.v")


def test_like_values_that_stood_there_before_are_another_s() -> None:
    """A column that holds the same all along, or gets some of it, is not where the values went."""
    u = a_table("u", "v")
    same = {"t": rows(s="abc"), "u": rows(v="abc")}
    some = {"t": rows(s="abcd"), "u": rows(v="abc")}

    assert fate(same, same, [T, u], [WITHOUT, u]) == GONE
    assert fate(some, {**some, "u": rows(v="abcd")}, [T, u], [WITHOUT, u]) == GONE


def test_values_stand_beside_the_key_of_their_row() -> None:
    """What a table held before by chance is no hindrance where each row's value is found by its key."""
    u = a_table("u", "t_id", "v")
    there = [{"id": 1, "t_id": 1, "v": "a"}, {"id": 2, "t_id": 1, "v": "b"}]
    came = [{"id": n, "t_id": n, "v": letter} for n, letter in enumerate("abcbc", 1)]
    old = {"t": rows(s="abcbc"), "u": there}

    assert fate(old, {"t": rows(s="abcbc"), "u": came}, [T, u], [WITHOUT, u]) == (Fate.MOVED, "u.v")
    assert fate(old, {"t": rows(s="abcbc"), "u": came[:-1]}, [T, u], [WITHOUT, u]) == GONE


def test_what_another_column_held_too_may_be_its_copy() -> None:
    """Where the values may have come from elsewhere, the loss is told."""
    u, p = a_table("u", "v"), a_table("p", "s")
    old = {"t": rows(s="abc"), "p": rows(s="abc"), "u": rows(v="x")}
    new = {**old, "u": rows(v="xabc")}
    linked = a_table("u", "t_id", "v")
    came = [{"id": n, "t_id": n, "v": letter} for n, letter in enumerate("abc", 1)]

    assert fate(old, new, [T, u, p], [WITHOUT, u, p]) == GONE
    assert fate({**old, "u": []}, {**old, "u": came}, [T, linked, p], [WITHOUT, linked, p]) == GONE
    assert fate({**old, "p": rows(s="abd")}, new, [T, u, p], [WITHOUT, u, p]) == (Fate.MOVED, "u.v")


def test_a_heap_gets_what_it_did_not_hold() -> None:
    """Without a key, a value counts as often as it is there more than before."""
    u = a_table("u", "v", key="")
    old = {"t": rows(s="abc"), "u": [{"v": "a"}]}

    assert fate(old, {**old, "u": [{"v": letter} for letter in "aabc"]}, [T, u], [WITHOUT, u]) == (Fate.MOVED, "u.v")
    assert fate(old, {**old, "u": [{"v": letter} for letter in "abc"]}, [T, u], [WITHOUT, u]) == GONE


def test_a_column_beside_it() -> None:
    """In the same table too, a column that was there can take the values, each in its row."""
    both, other = a_table("t", "s", "w"), a_table("t", "w")
    old = {"t": rows(s="abc", w="xyz")}

    assert fate(old, {"t": rows(w="abc")}, [both], [other]) == (Fate.MOVED, "t.w")
    assert fate(old, {"t": rows(w="abz")}, [both], [other]) == GONE
    assert fate({"t": rows(s="aaa", w="aax")}, {"t": rows(w="aaa")}, [both], [other]) == GONE


def test_the_end_of_a_rename() -> None:
    """A column that takes the values where it is NULL, and keeps its own elsewhere, is named; one that takes no values is not."""
    both, other = a_table("t", "s", "w"), a_table("t", "w")
    old = {"t": [{"id": n + 1, "s": s, "w": w} for n, (s, w) in enumerate([("a", None), ("b", None), ("c", "x")])]}

    assert fate(old, {"t": rows(w="abx")}, [both], [other]) == (Fate.GONE, "t.w")
    assert fate(old, {"t": rows(w="abc")}, [both], [other]) == (Fate.MOVED, "t.w")
    assert fate(old, {"t": rows(w="yyx")}, [both], [other]) == GONE


def test_a_rename_leaves_the_new_column_empty() -> None:
    """A like column that came in its place looks like its new name, but not one that was made from it and from others."""
    old, both, other = {"t": rows(s="aab", w="xyz")}, a_table("t", "s", "w"), a_table("t", "n", "w")
    empty, made = ({"t": rows(n=letters, w="xyz")} for letters in ("---", "lmn"))
    names = [
        next(one.looks_renamed_to for one in compare_rows(old, new, {"t": both}, {"t": other}).fates if one.column == "s")
        for new in (empty, made)
    ]

    assert names == ["t.n", None]


def test_a_table_that_is_gone_is_found_in_one_that_was_there() -> None:
    """Two tables that become one lose no row."""
    tables = {"t": T, "u": a_table("u", "v")}
    old = {"t": rows(s="abc"), "u": rows(v="xyz")}
    found = compare_rows(old, {"u": rows(v="xyzabc")}, tables, {"u": tables["u"]})

    assert [(one.column, one.now) for one in found.fates if one.fate is Fate.MOVED] == [("s", "u.v")]
    assert found.gone == ()

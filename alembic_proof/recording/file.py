"""The file in which a project keeps what its tests sent: for each kind of database the last recording, and what earlier ones had.

The last one stands there whole, and an earlier one as what was different: so a new recording reads well in `git diff`.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError

DIALECTS = ("mariadb", "postgresql", "sqlite")
_FORM = 1
_HEAD = """\
# What the application's own tests send to its database: proof that a column is no longer used is that no line here uses it.
# Written by `pytest --proof-record`: commit it, and after a conflict or a change write it again.
"""
_AGAIN = "Write it again with: pytest --proof-record"


class Recording(msgspec.Struct, frozen=True):
    """What was sent in one session, in normal form and order. `revisions` are the heads of that day."""

    revisions: tuple[str, ...]
    statements: tuple[str, ...]


class Recordings(msgspec.Struct, frozen=True):
    """A file of recordings: by kind of database, the newest first. `origin` names it as a reader knows it."""

    origin: str
    by_dialect: Mapping[str, tuple[Recording, ...]]

    def of(self, kind: str) -> tuple[Recording, ...]:
        """Give what was recorded on a kind of database."""
        return self.by_dialect.get("mariadb" if kind == "mysql" else kind, ())


class _Earlier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    revisions: tuple[str, ...]
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class _Last(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    revisions: tuple[str, ...]
    statements: tuple[str, ...]
    earlier: tuple[_Earlier, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int
    mariadb: _Last | None = None
    postgresql: _Last | None = None
    sqlite: _Last | None = None


def read_recordings(path: Path, shown: str) -> Recordings | None:
    """Read a file of recordings; None where there is none.

    Raises:
        ProofError: it is not one of ours.

    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProofError(f"Cannot read {shown}: {error.strerror}. Make it a file that can be read.") from error
    return recordings_in(content, shown)


def recordings_in(content: bytes, shown: str) -> Recordings:
    """Read the content of such a file.

    Raises:
        ProofError: it is not one of ours.

    """
    try:
        document = tomllib.loads(content.decode())
        if document.get("form") != _FORM:
            raise ProofError(f"Cannot read {shown}: its form is {document.get('form')}, and this version reads {_FORM}. {_AGAIN}")
        file = msgspec.convert(document, _File)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ProofError(f"Cannot read {shown}: {error}. {_AGAIN}") from error
    last = {dialect: getattr(file, dialect) for dialect in DIALECTS}
    return Recordings(shown, {dialect: tuple(_all(one)) for dialect, one in last.items() if one is not None})


def _all(last: _Last) -> Iterator[Recording]:
    newer = Recording(last.revisions, last.statements)
    yield newer
    for one in last.earlier:
        had = (set(newer.statements) | set(one.also)) - set(one.without)
        newer = Recording(one.revisions, tuple(sorted(had)))
        yield newer


def with_new(
    before: Recordings | None, sent: Mapping[str, Sequence[str]], heads: Sequence[str], known: frozenset[str], origin: str
) -> Recordings:
    """Put what a session sent, by kind of database, before what there is: the last one of the same heads gives way to it.

    Recordings of revisions that are not `known` any more are left out.
    """
    joined: dict[str, tuple[Recording, ...]] = {}
    for dialect in DIALECTS:
        there = tuple(one for one in (before.of(dialect) if before else ()) if known.issuperset(one.revisions))
        if dialect in sent:
            earlier = (one for one in there if set(one.revisions) != set(heads))
            there = (Recording(tuple(sorted(heads)), tuple(sorted(set(sent[dialect])))), *earlier)
        if there:
            joined[dialect] = there
    return Recordings(origin, joined)


def written(recordings: Recordings) -> str:
    """Write a file of recordings: the same for the same recordings, a line for each statement."""
    parts = [_HEAD, f"form = {_FORM}\n"]
    for dialect, (last, *earlier) in sorted(recordings.by_dialect.items()):
        parts.append(f"\n[{dialect}]\nrevisions = {_texts(last.revisions)}\nstatements = {_lines(last.statements)}\n")
        newer = last
        for one in earlier:
            also, without = sorted({*one.statements} - {*newer.statements}), sorted({*newer.statements} - {*one.statements})
            parts.append(f"\n[[{dialect}.earlier]]\nrevisions = {_texts(one.revisions)}\n")
            parts.extend(f"{name} = {_lines(some)}\n" for name, some in (("also", also), ("without", without)) if some)
            newer = one
    return "".join(parts)


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _lines(values: Sequence[str]) -> str:
    return "[\n" + "".join(f"    {_text(value)},\n" for value in values) + "]" if values else "[]"


def _text(value: str) -> str:
    """Write a text as TOML does, without escapes where that can be."""
    is_plain = "'" not in value and value.isprintable()
    return f"'{value}'" if is_plain and ('"' in value or "\\" in value) else json.dumps(value, ensure_ascii=False)

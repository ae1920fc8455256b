"""What the application was heard to send, sent again on both sides of a revision: in place of what the old schema would admit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from alembic_proof.code_evidence import Surprise
from alembic_proof.experiments.code.counters import counters_kept
from alembic_proof.experiments.code.filling import Filler, Sending
from alembic_proof.experiments.code.recipes import Code, Recipe, Verb
from alembic_proof.experiments.code.sending import Sent
from alembic_proof.experiments.code.speakers import Speaker
from alembic_proof.experiments.code.stage import Stage
from alembic_proof.experiments.code.surprises import blamed, read_otherwise
from alembic_proof.experiments.code.touched import Names, Touched, concerned, let_go, noticed_names
from alembic_proof.recording.meaning import Meaning, meaning_of
from alembic_proof.rows.tables import Table, tables_of
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Fetch, Snapshot

_OTHERS = ("view", "materialized view", "function", "procedure", "sequence", "enum", "domain")
_WORD = re.compile(r"\w+")
_VERBS = {"INSERT": Verb.INSERT, "REPLACE": Verb.INSERT, "UPDATE": Verb.UPDATE, "DELETE": Verb.DELETE}


class Replay(msgspec.Struct):
    """The recorded statements that name something that a revision changes. `before` and `after` are the tables that they name."""

    speaker: Speaker
    kind: str
    changes: Sequence[Difference]
    codes: Mapping[str, Code]
    statements: Mapping[str, Meaning]
    before: Mapping[str, Table]
    after: Mapping[str, Table]
    _sendings: list[Sending] = msgspec.field(default_factory=list)
    _own: list[Sent] = msgspec.field(default_factory=list)
    _other: list[Sent] = msgspec.field(default_factory=list)
    untried: dict[str, str] = msgspec.field(default_factory=dict)

    def send_before(self, fetch: Fetch, *, enforced: bool) -> None:
        """Send them to the schema below the revision: what it answers is what the code expects."""
        filler = Filler(self.kind, self.codes)
        with self._stage(fetch, self.before, enforced=enforced) as stage:
            for name, code in self.codes.items():
                if stage.rows.get(name):
                    code.anchor(stage.rows[name][0])
                if reason := code.why_no_rows or stage.unfilled.get(name):
                    self.untried[name] = reason
            sendings = [one for text, meaning in self.statements.items() for one in filler.sendings(text, meaning)]
            # Last what writes keys to their limits: MariaDB counts on from there, whatever is rolled back.
            for sending in sorted(sendings, key=lambda one: one.about is not None and one.about.is_counted):
                sent = _sent(filler, sending, stage)
                if sent.refusal is None:
                    self._sendings.append(sending)
                    self._own.append(sent)
                elif sending.is_plain and sending.text not in self.speaker.broken:
                    self.untried[sending.text] = (
                        f"a recorded statement could not be sent again to the old schema: {sent.statement}: {sent.refusal}"
                    )

    def send_after(self, fetch: Fetch, *, enforced: bool) -> None:
        """Send the same to the schema above it."""
        filler = Filler(self.kind, self.codes)
        with self._stage(fetch, self.after, enforced=enforced) as stage:
            self._other = [_sent(filler, sending, stage) for sending in self._sendings]

    def surprises(self) -> Iterator[Surprise]:
        """Tell the first surprise about each object."""
        told: set[str] = set()
        for sending, own, other in zip(self._sendings, self._own, self._other, strict=True):
            found = self._surprise(sending, own, other)
            if found is not None:
                self.speaker.broken.add(sending.text)
                if found.object not in told:
                    told.add(found.object)
                    yield found

    @contextmanager
    def _stage(self, fetch: Fetch, here: Mapping[str, Table], *, enforced: bool) -> Iterator[Stage]:
        """Rows of the recorded code's making, in one of the two schemas."""
        stage = Stage(fetch, self.kind, here, self.before)
        with counters_kept(fetch, self.kind, list(here.values())), stage.open(with_foreign_keys=enforced):
            stage.fill(self.codes)
            yield stage

    def _surprise(self, sending: Sending, own: Sent, other: Sent) -> Surprise | None:
        if other.refusal is not None:
            gone = self._gone(other.refusal)
            its = gone or self._blamed(sending, other.refusal)
            if its is None:
                return None
            return Surprise(its, sending.does, other.statement, refusal=other.refusal, is_absence=gone is not None)
        if not (own.rows and other.rows):
            return None
        width, width_after = len(own.rows[0]), len(other.rows[0])
        if width_after < width:  # a star
            lost = [f"{code.table.full_name}.{name}" for code in self._touched(sending) for name in code.touched.gone]
            its = lost[0] if lost else self._touched(sending)[0].table.full_name
            read = f"{width} columns", f"{width_after} columns"
            return Surprise(its, sending.does, other.statement, read=read)
        recipe = Recipe(sending.does, Verb.SELECT)
        for position in range(width):
            column = own.columns[position] if position < len(own.columns) else ""
            before, after = ([row[position] for row in rows] for rows in (own.rows, other.rows))
            if (types := read_otherwise(before, after, column, recipe)) is not None:
                its = column or self._touched(sending)[0].table.full_name
                return Surprise(its, f"{sending.does}, read back,", other.statement, read=types)
        return None

    def _gone(self, words: str) -> str | None:
        """The table, column or view that the database says it has not, if the revision took it away."""
        named = {word.lower() for word in _WORD.findall(words)}
        lost = [one.key for one in self.changes if one.change in (Change.MISSING, Change.RENAMED)]
        told = (key for key in lost if key.kind in ("column", "table", *_OTHERS) and key.name.lower() in named)
        return next((key.full_name for key in told), None)

    def _blamed(self, sending: Sending, words: str) -> str | None:
        """The object that a refusal is about; None where a constraint refused that both schemas have."""
        about = sending.about.name if sending.about is not None else None
        for code in self._touched(sending):
            recipe = Recipe(sending.does, _VERBS.get(sending.meaning.verb, Verb.SELECT), about=about)
            if (found := blamed(code, recipe, words)) is not None:
                return found
        others = [one.key.full_name for one in self.changes if one.key.kind in _OTHERS]
        return others[0] if others and not self._touched(sending) else None

    def _touched(self, sending: Sending) -> list[Code]:
        """The tables that a statement names and the revision changes; the one that it writes first. A DELETE reaches children."""
        named, writes = sending.meaning.names, sending.meaning.writes
        if sending.meaning.verb == "DELETE" and writes is not None:
            named = named | {key.name.lower() for key in let_go(self.changes).get(writes[1], ())}
        found = [code for code in self.codes.values() if code.touched.differences and code.table.name.lower() in named]
        return sorted(found, key=lambda code: writes is None or code.table.name.lower() != writes[1]) or list(self.codes.values())


def replay(
    speaker: Speaker,
    kind: str,
    changes: Sequence[Difference],
    schemas: tuple[Snapshot, Snapshot],
    touched: Mapping[str, Touched],
) -> Replay | None:
    """Find the recorded statements that name what a revision changes; None where none does. `schemas`: before and after it."""
    dialect = "mariadb" if kind == "mysql" else kind
    names = noticed_names(changes) | {name.rpartition(".")[2].lower() for name in touched}
    meanings = {text: meaning_of(text, dialect) for text in speaker.recording.statements}
    children = let_go(changes)
    deleted = {
        text: children[one.writes[1]]
        for text, one in meanings.items()
        if one.verb == "DELETE" and one.writes is not None and one.writes[1] in children
    }
    statements = {text: meaning for text, meaning in meanings.items() if names & meaning.names or text in deleted}
    if not statements:
        return None
    spoken_of = {table for meaning in statements.values() for table in meaning.tables}
    referring = {key for keys in deleted.values() for key in keys}
    tables = schemas[0].of_kind("table")
    keys = [key for key in tables if key in referring or any(_is_named(key.schema, key.name, one) for one in spoken_of)]
    more: Names = {(key.schema, key.name) for key in keys}
    before, after = (tables_of(schema) for schema in concerned(schemas, changes, more))
    codes = {
        key.full_name: Code(before[key.full_name], touched.get(key.full_name, Touched()), kind)
        for key in keys
        if key.full_name in before
    }
    return Replay(speaker, kind, changes, codes, statements, before, after)


def _is_named(schema: str | None, name: str, told: tuple[str | None, str]) -> bool:
    return name.lower() == told[1] and (told[0] is None or schema is None or schema.lower() == told[0])


def _sent(filler: Filler, sending: Sending, stage: Stage) -> Sent:
    statements = filler.statements(sending, stage)
    answer = stage.try_all(statements)
    gives = [filler.column(one, sending.meaning) if one is not None else None for one in sending.meaning.gives]
    return Sent("; ".join(statements), answer.refusal, [one.full_name if one is not None else "" for one in gives], answer.rows)

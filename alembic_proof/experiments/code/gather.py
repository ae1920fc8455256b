"""The code of both versions at each revision: what either sends, tried on the schema below the upgrade and on the one above it.

One database goes up the history. Where a revision changes something that statements can notice, both codes are tried right before
its upgrade and right after it, in transactions that are rolled back.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import msgspec

from alembic_proof.code_evidence import CodeStep, Surprise
from alembic_proof.experiments.code.counters import counters_kept
from alembic_proof.experiments.code.recipes import Code, Recipe
from alembic_proof.experiments.code.replay import Replay, replay
from alembic_proof.experiments.code.sending import Sender, Sent
from alembic_proof.experiments.code.speakers import Speaker, Speakers
from alembic_proof.experiments.code.stage import Stage, words_of
from alembic_proof.experiments.code.surprises import surprise
from alembic_proof.experiments.code.touched import additions, concerned, touched_by, touched_views, unseen_rows
from alembic_proof.experiments.code.views import Views
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import UP, Walked
from alembic_proof.migrate.inside import Inside
from alembic_proof.migrate.target import env_py_mentions
from alembic_proof.recording.file import Recordings
from alembic_proof.rows.tables import Table, tables_of
from alembic_proof.schema.diff import Difference, compare
from alembic_proof.schema.snapshot import Fetch, Snapshot
from alembic_proof.schema.takeover import Takeover, taken_over


class Version(msgspec.Struct):
    """One version's schema, and what its code does where the other differs; `own` and `other` are the answers by recipe.

    A `speaker` has recorded what the code really does: of what it knows, nothing is made up.
    """

    tables: Mapping[str, Table]
    codes: list[Code]
    recipes: list[tuple[Code, Recipe]] = msgspec.field(default_factory=list)
    own: dict[int, Sent] = msgspec.field(default_factory=dict)
    other: dict[int, Sent] = msgspec.field(default_factory=dict)
    untried: dict[str, str] = msgspec.field(default_factory=dict)
    speaker: Speaker | None = None

    def write_recipes(self) -> None:
        """Say what the code does."""
        every = ((code, recipe) for code in self.codes for recipe in code.recipes())
        speaker = self.speaker
        self.recipes = [one for one in every if speaker is None or not speaker.speaks_of(one[0].table.full_name, one[1].about)]

    def surprises(self) -> Iterator[Surprise]:
        """Tell the first surprise about each object."""
        told: set[str] = set()
        for number, (code, recipe) in enumerate(self.recipes):
            found = surprise(code, recipe, self.own[number], self.other[number])
            if found is not None and found.object not in told:
                told.add(found.object)
                yield found


class Encounter(msgspec.Struct):
    """The two versions on both sides of a revision, the views that the old code reads, and what it was heard to send."""

    changes: tuple[Difference, ...]
    back: tuple[Difference, ...]
    takeover: Takeover | None
    old: Version
    new: Version
    views: Views
    of_views: list[Surprise] = msgspec.field(default_factory=list)
    replay: Replay | None = None
    derived_because: str | None = None

    @property
    def is_noticed(self) -> bool:
        """Whether some statement can tell the two schemas apart."""
        return bool(self.old.codes or self.new.codes or self.views.changed or self.replay)


def encounter(kind: str, before: Snapshot, after: Snapshot) -> Encounter:
    """Work out what the code of each version has to be tried with. What only the new schema has is known without trying."""
    changes = compare(before, after)
    back = compare(after, before) if changes else ()
    takeover = taken_over(before.objects, after.objects, back)
    before, after = concerned((before, after), changes)
    old, new = tables_of(before), tables_of(after)
    of_old = [Code(old[name], one, kind) for name, one in touched_by(changes, before, old, new).items()]
    of_new = [Code(new[name], one, kind) for name, one in touched_by(back, after, new, old).items() if one.is_more_than_new]
    return Encounter(changes, back, takeover, Version(old, of_old), Version(new, of_new), Views(touched_views(changes), kind))


def gather_code(place: Place, walked: Walked, recordings: Recordings | None = None) -> tuple[CodeStep, ...]:
    """Try the code of both versions at each revision that was looked at; the old one's as it was recorded, if it was."""
    found: dict[str, CodeStep] = {}
    encounters: dict[str, Encounter] = {}
    kind = place.server.kind
    speakers = Speakers(recordings, kind, place, [step.revision for step in walked.steps])
    for revision, (before, after) in walked.looks.items():
        met = encounter(kind, before, after)
        speaker = speakers.below(revision)
        if speaker is None:
            met.derived_because = speakers.why_none(revision)
        elif met.changes:
            touched = {code.table.full_name: code.touched for code in met.old.codes}
            met.old.speaker = speaker
            met.replay = replay(speaker, kind, met.changes, (before, after), touched)
        if met.is_noticed:
            encounters[revision] = met
        else:
            found[revision] = CodeStep(
                revision, additions=additions(met.changes), untried=tuple(unseen_rows(met.changes).items())
            )
    if encounters:
        found.update(_climb(place, walked, encounters, speakers))
    return tuple(found[step.revision] for step in walked.steps if step.revision in found)


def _climb(place: Place, walked: Walked, encounters: Mapping[str, Encounter], speakers: Speakers) -> dict[str, CodeStep]:
    found: dict[str, CodeStep] = {}
    taken: set[str] = set()

    def climb(inside: Inside) -> None:
        left = dict(encounters)
        enforced = _are_foreign_keys_enforced(place, inside)
        with database.connect() as fetch:
            for step in walked.steps:
                if not left or not step.is_applied:
                    continue
                for speaker in speakers:
                    if speaker.revisions == taken:
                        speaker.known = place.look(inside)
                taken.add(step.revision)
                met = left.pop(step.revision, None)
                words = None
                if met is not None:
                    place.progress("code", f"{step.revision} before the upgrade")
                    words = _ended(partial(_before, fetch, place.server.kind, met, enforced=enforced))
                if (failure := inside.take(step.revision, UP)) is not None:
                    reason = f"the upgrade of {step.revision} failed when it ran again: {failure.words.splitlines()[0]}"
                    found.update({name: CodeStep(name, blocked=reason) for name in (step.revision, *left) if name in encounters})
                    return
                if met is not None and words is None:
                    place.progress("code", f"{step.revision} after the upgrade")
                    words = _ended(partial(_after, fetch, place.server.kind, met, enforced=enforced))
                if met is not None:
                    blocked = CodeStep(step.revision, blocked=f"the code could not be tried to the end: {words}")
                    found[step.revision] = _told(step.revision, met) if words is None else blocked

    with place.temporary_database() as database:
        place.inside_env_py(database, climb)
    return found


def _are_foreign_keys_enforced(place: Place, inside: Inside) -> bool:
    """Whether the project asks SQLite to enforce foreign keys; all others do."""
    if place.server.kind != "sqlite" or env_py_mentions(place.project, "foreign_keys"):
        return True
    with inside.looking() as fetch:
        return bool(fetch("PRAGMA foreign_keys")[0][0])


def _before(fetch: Fetch, kind: str, met: Encounter, *, enforced: bool) -> None:
    if met.old.speaker is not None:
        met.views.leave_out(met.old.speaker.knows_view)
    _meet(fetch, kind, met.old, met.new, enforced=enforced)
    met.views.read(fetch)
    if met.replay is not None:
        met.replay.send_before(fetch, enforced=enforced)


def _after(fetch: Fetch, kind: str, met: Encounter, *, enforced: bool) -> None:
    _meet(fetch, kind, met.new, met.old, enforced=enforced)
    met.of_views.extend(met.views.surprises(fetch))
    if met.replay is not None:
        met.replay.send_after(fetch, enforced=enforced)


def _ended(work: Callable[[], None]) -> str | None:
    """Do some work; return the driver's words where the transaction ended under it (a trigger may end it)."""
    try:
        work()
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("sqlite3", "psycopg", "pymysql"):
            raise
        return words_of(error)
    return None


def _meet(fetch: Fetch, kind: str, here: Version, elsewhere: Version, *, enforced: bool) -> None:
    """Send what both versions' code does to the schema of the version that is `here`, each beside rows that it wrote itself."""
    for version, answers in ((here, here.own), (elsewhere, elsewhere.other)):
        stage = Stage(fetch, kind, here.tables, version.tables)
        names = [code.table.full_name for code in version.codes]
        with counters_kept(fetch, kind, list(here.tables.values()) if names else []), stage.open(with_foreign_keys=enforced):
            stage.fill(names)
            if version is here:
                _learn(version, stage)
            if not version.recipes:
                version.write_recipes()
            # Last what writes keys to their limits: MariaDB counts on from there, whatever is rolled back.
            for is_counted in (False, True):
                for number, (code, recipe) in enumerate(version.recipes):
                    if code.is_counted(recipe) is is_counted:
                        answers[number] = Sender(code, stage).send(recipe)


def _learn(version: Version, stage: Stage) -> None:
    """Take what the own schema admits for plain, and note where it admits nothing."""
    for code in version.codes:
        rows = stage.rows.get(code.table.full_name)
        if rows:
            code.anchor(rows[0])
        reason = code.why_no_rows or stage.unfilled.get(code.table.full_name)
        if reason is not None and not code.touched.is_gone:
            version.untried[code.table.full_name] = reason


def _told(revision: str, met: Encounter) -> CodeStep:
    recorded = () if met.replay is None else tuple(met.replay.surprises())
    told = {one.object: one for one in reversed((*recorded, *met.old.surprises(), *met.of_views))}
    old, new = tuple(reversed(told.values())), tuple(met.new.surprises())
    untried = {**unseen_rows(met.changes), **met.old.untried, **(met.replay.untried if met.replay is not None else {})}
    return CodeStep(
        revision,
        old_on_new=old,
        new_on_old=new,
        additions=additions(met.changes),
        untried=tuple(untried.items()),
        changes=met.back if old else (),
        takeover=met.takeover if old else None,
        derived_because=met.derived_because,
    )

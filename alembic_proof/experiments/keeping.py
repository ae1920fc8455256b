"""Evidence of earlier runs: read where nothing changed that it depends on, and stood upon where revisions were added."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import DatabaseEvidence, Offline, Paths, Step
from alembic_proof.experiments.checkpoint import may_stand
from alembic_proof.experiments.keys import keys_of
from alembic_proof.experiments.order import Keys, Order
from alembic_proof.store.inputs import Inputs
from alembic_proof.store.reading import Reading
from alembic_proof.store.recorder import recorder
from alembic_proof.store.shelf import Shelf
from alembic_proof.store.surroundings import digest_of

T = TypeVar("T")


class _Evidence(msgspec.Struct, frozen=True):
    inputs: Inputs
    evidence: DatabaseEvidence


class _Checkpoint(msgspec.Struct, frozen=True):
    """A database as some revisions leave it: the key of what its server kept. There it is named by their number."""

    inputs: Inputs
    server: str


class Standing(msgspec.Struct, frozen=True):
    """What the upper part of a history stands on: so many revisions, what a server kept, what was seen and read."""

    height: int
    key: str
    server: bytes
    below: DatabaseEvidence
    inputs: Inputs


class Memory(msgspec.Struct):
    """The evidence that is kept for one order."""

    order: Order
    shelf: Shelf
    keys: Keys
    _known: Reading | None = None

    def recall(self) -> DatabaseEvidence | None:
        """Return the evidence of a run to which this one would be equal."""
        found = self._evidence(len(self.order.history.revisions), self.order.chosen)
        if found is None or not found.inputs.are_equal(self.order.project.root):
            return None
        return replace(found.evidence, unchanged=len(self.order.chosen))

    def inputs(self) -> Inputs | None:
        """What the run read whose evidence is kept; None where none is, or where it is that of another state of the project."""
        found = self._evidence(len(self.order.history.revisions), self.order.chosen)
        return found.inputs if found is not None and found.inputs.are_equal(self.order.project.root) else None

    def standing(self) -> Standing | None:
        """Find the highest place in the history at which a database is kept, and what was seen below it."""
        root = self.order.project.root
        for height in range(len(self.order.history.revisions), 0, -1):
            if not self.shelf.has(self._checkpoint_key(height)) or not may_stand(self.order, height):
                continue
            checkpoint = self._read(self._checkpoint_key(height), _Checkpoint)
            if checkpoint is None or not checkpoint.inputs.are_alike(root):
                continue
            below = self._below(height)
            server = self.shelf.get(checkpoint.server) if below is not None else None
            if below is not None and server is not None:
                evidence, inputs = below
                read = checkpoint.inputs if inputs is None else checkpoint.inputs.with_below(inputs, root)
                return Standing(height, checkpoint.server, server, evidence, read)
        return None

    def forget(self, standing: Standing, why: str) -> None:
        """Throw away what cannot be stood upon."""
        self.shelf.discard(standing.key, why)

    def _below(self, height: int) -> tuple[DatabaseEvidence, Inputs | None] | None:
        """What is known of the lowest revisions, and what was read for it; None where not all is known that is asked."""
        ids = [revision.id for revision in self.order.history.revisions[:height]]
        judged = self.order.chosen.intersection(ids)
        for known in dict.fromkeys((judged, frozenset(ids))):
            found = self._evidence(height, known)
            if found is not None and found.inputs.are_alike(self.order.project.root):
                return replace(found.evidence, unchanged=len(judged)), found.inputs
        if judged:
            return None
        steps = tuple(map(Step, ids))
        if "digests" in self.order.experiments:
            schemas = self._read(self._schemas_key(height), tuple[str, ...])
            if schemas is None:
                return None
            steps = tuple(Step(revision, schema=schema) for revision, schema in zip(ids, schemas, strict=True))
        return DatabaseEvidence(name="", kind="", server_version="", steps=steps), None

    def keep(self, evidence: DatabaseEvidence, server: bytes | None, heights: Iterable[int], standing: Standing | None) -> None:
        """Keep what was seen, and what the server kept at some heights. On what it stands was read for it as well."""
        heights = tuple(heights)
        inputs = self._reading.inputs()
        if standing is not None:
            inputs = inputs.with_below(standing.inputs, self.order.project.root)
        if server is not None:
            key = digest_of(server)
            self.shelf.put(key, server)
            for height in heights:
                self._write(self._checkpoint_key(height), _Checkpoint(inputs, key))
        schemas = [step.schema for step in evidence.steps]
        if None not in schemas:
            for height in heights:
                self._write(self._schemas_key(height), schemas[:height])
        self._write(
            self.keys.evidence(len(self.order.history.revisions), self.order.chosen),
            _Evidence(inputs, replace(evidence, unchanged=0)),
        )

    def why_not(self) -> str | None:
        """Say why what was seen cannot be kept, if it cannot: nobody would know when it changes."""
        shown = self.order.project.shown
        if started := recorder().started():
            return f"{shown(started[0])} started a program, and what that read is not known"
        if changed := self._reading.changed():
            return f"{shown(changed)} was written during the run"
        return None

    @property
    def _reading(self) -> Reading:
        """What this run read, as far as it has come when that is asked for first: at its end."""
        if self._known is None:
            self._known = self._read_by_run()
        return self._known

    def _read_by_run(self) -> Reading:
        project, history = self.order.project, self.order.history
        settings = project.settings
        named = (hook.partition(":")[0] for hook in (settings.prelude, settings.around, settings.rows.strategies) if hook)
        return Reading(
            project.root,
            recorder(),
            self.shelf.folder,
            env_py=project.env_py,
            revision_files={project.root / revision.file: revision.is_self_contained for revision in history.revisions},
            told=(project.config_file, project.pyproject),
            hooks=named,
        )

    def _checkpoint_key(self, height: int) -> str:
        return digest_of("checkpoint", self.keys.heights[height])

    def _schemas_key(self, height: int) -> str:
        return digest_of("schemas", self.keys.heights[height])

    def _evidence(self, height: int, judged: Iterable[str]) -> _Evidence | None:
        return self._read(self.keys.evidence(height, judged), _Evidence)

    def _read(self, key: str, kind: type[T]) -> T | None:
        packed = self.shelf.get(key)
        try:
            return None if packed is None else msgspec.msgpack.decode(packed, type=kind)
        except msgspec.DecodeError as error:
            self.shelf.discard(key, f"it is of another form ({error})")
            return None

    def _write(self, key: str, content: object) -> None:
        self.shelf.put(key, msgspec.msgpack.encode(content))


def memory_of(order: Order) -> Memory | None:
    """Open what is kept for an order; None where nothing is."""
    if order.store is None:
        return None
    keys = order.keys or keys_of(order)
    return None if keys is None else Memory(order, Shelf(order.store), keys)


def is_worth_keeping(evidence: DatabaseEvidence) -> bool:
    """Whether all revisions could be applied: what stopped the run may have been the machine's fault, and is tried again."""
    deployment = evidence.deployment
    is_deployed = deployment is None or (deployment.error is None and deployment.swallowed is None)
    return evidence.unavailable is None and is_deployed and all(step.is_applied for step in evidence.steps)


def joined(below: DatabaseEvidence, above: DatabaseEvidence) -> DatabaseEvidence:
    """What was seen of a whole history: of its lower part in an earlier run, of the rest now."""
    return replace(
        above,
        steps=(*below.steps, *above.steps),
        offline=_both(below.offline, above.offline, _offline),
        paths=_both(below.paths, above.paths, _paths),
        rows=_both(below.rows, above.rows, lambda one, other: (*one, *other)),
        code=_both(below.code, above.code, lambda one, other: (*one, *other)),
        gaps=_both(below.gaps, above.gaps, lambda one, other: (*one, *other)),
        unchanged=below.unchanged,
    )


def _both(below: T | None, above: T | None, join: Callable[[T, T], T]) -> T | None:
    return above if below is None or above is None else join(below, above)


def _offline(below: Offline, above: Offline) -> Offline:
    return replace(above, steps=(*below.steps, *above.steps))


def _paths(below: Paths, above: Paths) -> Paths:
    return Paths({**below.untried, **above.untried}, (*below.disagreements, *above.disagreements))

"""alembic-proof.lock: one line for each revision, with the digests of its code and of the schemas that it leaves."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from alembic_proof import schema
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Evidence
from alembic_proof.history import History, Revision
from alembic_proof.project import Project
from alembic_proof.released import Released, ReleasedRevision
from alembic_proof.releases.digest import code_digest

NAME = "alembic-proof.lock"

_FORM = 1
_HEAD = """\
# What each revision is, so that nobody changes one that databases have run. Written by `alembic-proof lock`: commit it, and after
# a conflict or a change on purpose write it again.
"""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    down: tuple[str, ...]
    file: str
    code: str
    schema: dict[str, str] = {}


class _Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: int
    reader: str
    databases: dict[str, str] = {}
    revisions: dict[str, _Line] = {}


def lock_file(project: Project) -> Path:
    """Name the lock file; it need not exist."""
    return project.config_file.with_name(NAME)


def read_lock(project: Project, history: History) -> Released | None:
    """Read what was locked, beside what the files say today. None without a lock file.

    Raises:
        ProofError: the file is not one of ours.

    """
    path = lock_file(project)
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        if document.get("form") != _FORM:
            raise ProofError(
                f"Cannot read {project.shown(path)}: its form is {document.get('form')}, and this version reads {_FORM}. "
                "Write it again with: alembic-proof lock"
            )
        lock = msgspec.convert(document, _Lock)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ProofError(f"Cannot read {project.shown(path)}: {error}. Write it again with: alembic-proof lock") from error
    revisions = (ReleasedRevision(name, line.down, line.file, line.code, line.schema) for name, line in lock.revisions.items())
    versions = lock.databases if lock.reader == reader_digest() else {}
    return Released(project.shown(path), tuple(revisions), digests_now(project, history.revisions), versions)


@cache
def reader_digest() -> str:
    """Give the digest of the code that reads schemas: another reader may see more in the same schema."""
    files = sorted(Path(schema.__path__[0]).rglob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def digests_now(project: Project, revisions: Iterable[Revision]) -> dict[str, str]:
    """Give the digests of revisions' code as the files are today; a file without source has none."""
    files = {revision.id: project.root / revision.file for revision in revisions}
    return {name: code_digest(file.read_bytes()) for name, file in files.items() if file.suffix == ".py"}


def write_lock(project: Project, evidence: Evidence) -> Path:
    """Write what a run saw.

    Raises:
        ProofError: a revision did not run, or the file cannot be written.

    """
    path, history = lock_file(project), evidence.history
    for database in evidence.databases:
        if database.unavailable is not None:
            raise ProofError(f"Cannot lock on {database.name}: {database.unavailable}")
        for step in database.steps:
            if step.upgrade is not None:
                raise ProofError(
                    f"Cannot lock revision {step.revision}: its upgrade failed on {database.name}: "
                    f"{step.upgrade.words.splitlines()[0]}. Mend it first; `alembic-proof verify` tells more."
                )
    schemas = {
        (database.kind, step.revision): step.schema for database in evidence.databases for step in database.steps if step.schema
    }
    kinds = {database.kind: database.server_version for database in evidence.databases}
    digests = digests_now(project, history.revisions)
    lines = [
        _line(
            revision.id,
            revision.down,
            revision.file,
            digests[revision.id],
            {kind: schemas[kind, revision.id] for kind in kinds if (kind, revision.id) in schemas},
        )
        for revision in history.revisions
        if revision.id in digests
    ]
    head = f"{_HEAD}\nform = {_FORM}\nreader = {_text(reader_digest())}\ndatabases = {_table(kinds)}\n\n[revisions]\n"
    try:
        path.write_text(head + "".join(lines), encoding="utf-8")
    except OSError as error:
        raise ProofError(f"Cannot write {project.shown(path)}: {error.strerror}. Make it a file that can be written.") from error
    return path


def _line(name: str, down: tuple[str, ...], file: str, code: str, left: Mapping[str, str]) -> str:
    parents = ", ".join(map(_text, down))
    rest = f", schema = {_table(left)}" if left else ""
    return f"{_text(name)} = {{ down = [{parents}], file = {_text(file)}, code = {_text(code)}{rest} }}\n"


def _table(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name} = {_text(value)}" for name, value in values.items()) + " }" if values else "{}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

"""What a merge with the base branch would add and make of the history: its commits, beside the files as they lie here."""

import difflib
import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Merge
from alembic_proof.history import History, Revision, make_history
from alembic_proof.project import Project
from alembic_proof.released import Released, ReleasedRevision
from alembic_proof.releases.base import Base
from alembic_proof.releases.digest import code_digest
from alembic_proof.releases.git import Repository
from alembic_proof.releases.lock import digests_now
from alembic_proof.releases.stated import stated_revision


class Committed(msgspec.Struct, frozen=True):
    """The revisions of one commit, and the texts of all files of their folders, by path from the project's root."""

    revisions: Mapping[str, Revision]
    files: Mapping[str, bytes]


class Comparison(msgspec.Struct, frozen=True):
    """A branch beside its base. `edited` are the released revisions whose code is another here, downgrade() included."""

    base: Base
    merge: Merge
    released: Released
    edited: frozenset[str]
    before: Committed


def compare_with(project: Project, history: History, repository: Repository, base: Base) -> Comparison:
    """Read both commits of the base branch, and say what this branch adds and edits.

    Raises:
        ProofError: git cannot be read, or the base branch has a revision file that cannot.

    """
    here = _Here(project, history)
    tip = _committed(project, here, repository, base.tip)
    before = tip if base.parting == base.tip else _committed(project, here, repository, base.parting)
    told = f"{base.name} {repository.short(base.parting)}"
    new = frozenset(revision.id for revision in history.revisions if revision.id not in tip.revisions)
    merged = make_history(_merged(history, before.revisions, tip.revisions, new))
    edited = frozenset(
        revision.id
        for revision in here.by_file.values()
        if revision.id in before.revisions
        and all(_is_edited(here, revision, side) for side in (before, tip) if revision.id in side.revisions)
    )
    now = _digests(project, history, here, before)
    released = Released(
        origin=base.name,
        revisions=tuple(_as_released(history, here, before, revision, now) for revision in before.revisions.values()),
        now=now,
        restore=f"git checkout {repository.short(base.parting)}",
    )
    merge = Merge(told, merged, new, frozenset(tip.revisions) - frozenset(history.by_id))
    return Comparison(base, merge, released, edited, before)


class _Here:
    """The revisions that have a source, by their files, and all files' contents, each read once, with git's names of them."""

    def __init__(self, project: Project, history: History) -> None:
        self.by_file = {revision.file: revision for revision in history.revisions if revision.file.endswith(".py")}
        self.contents = {revision.file: (project.root / revision.file).read_bytes() for revision in history.revisions}
        self.blobs = {file: Repository.blob_of(content) for file, content in self.contents.items()}

    def has(self, source: bytes, revision: Revision) -> bool:
        """Whether a revision's file is the same here, letter by letter."""
        return revision.file in self.by_file and self.contents[revision.file] == source


def _committed(project: Project, here: _Here, repository: Repository, commit: str) -> Committed:
    """Read a commit. A file that is the same here is read as it was loaded here: it may state things by more than literals."""
    folders = [folder for folder in project.version_folders if folder.resolve().is_relative_to(repository.top)]
    listed = repository.files(commit, folders) if folders else {}
    blobs = {_from_root(project, repository, path): blob for path, blob in listed.items()}
    known = {blob: here.contents[path] for path, blob in blobs.items() if blob == here.blobs.get(path)}
    contents = {**known, **repository.contents(blob for blob in blobs.values() if blob not in known)}
    files = {path: contents[blob] for path, blob in blobs.items()}
    own = {_shown_folder(project, folder) for folder in folders}
    is_deep = project.scripts.recursive_version_locations
    found = (
        here.by_file[path] if here.contents.get(path) == source and path in here.by_file else stated_revision(source, path)
        for path, source in files.items()
        if path.endswith(".py")
        and not PurePosixPath(path).name.startswith(("__init__", ".#"))
        and (is_deep or PurePosixPath(path).parent.as_posix() in own)
    )
    revisions = [revision for revision in found if revision is not None]
    labels = {label: revision.id for revision in revisions for label in revision.branch_labels}
    named = (replace(one, depends_on=tuple(labels.get(name, name) for name in one.depends_on)) for one in revisions)
    return Committed({revision.id: revision for revision in named}, files)


def _from_root(project: Project, repository: Repository, path: str) -> str:
    return Path(os.path.relpath(repository.top / path, project.root)).as_posix()


def _shown_folder(project: Project, folder: Path) -> str:
    return Path(os.path.relpath(folder.resolve(), project.root)).as_posix()


def _merged(
    history: History, before: Mapping[str, Revision], tip: Mapping[str, Revision], new: frozenset[str]
) -> Sequence[Revision]:
    """The revisions after a merge: each side's own change counts, and ours where both changed one."""
    ours = {revision.id: revision for revision in history.revisions}
    kept: list[Revision] = []
    for name, theirs in tip.items():
        if name not in ours:
            kept += [] if name in before else [theirs]  # deleted here, or new there
        else:
            if name not in before and ours[name].file != theirs.file:
                kept.append(theirs)  # two files with one id: the merge has both
            is_ours = name not in before or _place(ours[name]) != _place(before[name])
            kept.append(ours[name] if is_ours or _place(theirs) == _place(ours[name]) else theirs)
    here = [r for r in history.revisions if r.id in new and (r.id not in before or _place(r) != _place(before[r.id]))]
    return [*kept, *here]


def _place(revision: Revision) -> tuple[object, ...]:
    return set(revision.down), set(revision.depends_on), revision.branch_labels


def _is_edited(here: _Here, revision: Revision, side: Committed) -> bool:
    source, now = side.files[side.revisions[revision.id].file], here.contents[revision.file]
    return source != now and code_digest(source, with_downgrade=True) != code_digest(now, with_downgrade=True)


def _digests(project: Project, history: History, here: _Here, before: Committed) -> Mapping[str, str]:
    """Give the digests of all revisions' code; where the file is the same as before, that of its text: it takes no reading.

    Both are compared only with what `_as_released` gives for the same revision.
    """
    as_before = {
        revision.id: sha256(source).hexdigest()
        for revision in history.by_id.values()
        if revision.id in before.revisions and here.has(source := before.files[before.revisions[revision.id].file], revision)
    }
    return {**as_before, **digests_now(project, [one for one in history.revisions if one.id not in as_before])}


def _as_released(
    history: History, contents: _Here, before: Committed, revision: Revision, now: Mapping[str, str]
) -> ReleasedRevision:
    source, here = before.files[revision.file], history.by_id.get(revision.id)
    is_same = here is not None and contents.has(source, here)
    return ReleasedRevision(
        id=revision.id,
        down=revision.down,
        file=revision.file,
        code=now[revision.id] if is_same else code_digest(source),
        changes=() if is_same or here is None else _changes(source, contents.contents[here.file]),
    )


def _changes(before: bytes, after: bytes) -> tuple[str, ...]:
    then, now = (text.decode(errors="replace").splitlines() for text in (before, after))
    return tuple(difflib.unified_diff(then, now, lineterm="", n=0))[2:]

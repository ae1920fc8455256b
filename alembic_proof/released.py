"""What was released before: the revisions of a lock file or of the base branch, beside what their files say now. Plain data."""

from collections.abc import Mapping

import msgspec


class ReleasedRevision(msgspec.Struct, frozen=True):
    """One revision as it was released.

    `code` is the digest of what its upgrade does, as the file states it. `schemas` holds the digest of the schema that it left,
    by kind of database. `changes` are the lines of the file that are different today, where that is known.
    """

    id: str
    down: tuple[str, ...]
    file: str
    code: str
    schemas: Mapping[str, str] = msgspec.field(default_factory=dict)
    changes: tuple[str, ...] = ()


class Released(msgspec.Struct, frozen=True):
    """What is known of earlier days. `origin` names the lock file or the base branch, as a reader knows it.

    `now` holds the digests of the same revisions' code as their files are today, and of the new ones'. `versions` says on which
    servers (by kind) the schemas were seen, as far as the same reader saw them. `restore` is the command that brings a file back.
    """

    origin: str
    revisions: tuple[ReleasedRevision, ...]
    now: Mapping[str, str]
    versions: Mapping[str, str] = msgspec.field(default_factory=dict)
    restore: str | None = None

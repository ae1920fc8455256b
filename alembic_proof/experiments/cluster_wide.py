"""What all databases of a server share: roles and tablespaces. Two scratch databases of one server are in each other's way there.

A history that makes or drops such things gets a private server for each scratch database. On a server that others use it is
not run at all: its objects would clash with each other there, be left behind, or be somebody's.
"""

import ast
import re
from collections.abc import Iterator

from msgspec.structs import replace

from alembic_proof.databases.one_each import OneServerEach
from alembic_proof.databases.opening import kind_of, open_server
from alembic_proof.databases.postgresql_embedded import Embedded
from alembic_proof.databases.scratch import Server, Unavailable
from alembic_proof.evidence import DatabaseEvidence
from alembic_proof.history import History
from alembic_proof.project import Project

_STATEMENT = re.compile(
    r"""(?:^|;|\bTHEN\b|\bBEGIN\b|\bEXECUTE\b\s*'?)\s*
        ((?:CREATE(?:\s+OR\s+REPLACE)?|ALTER|DROP)\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP|TABLESPACE)\s+
         (?:IF\s+(?:NOT\s+)?EXISTS\s+)?["'`]?[\w{%:]+["'`]?)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""A statement at the beginning of a text or line, or inside a block: words of a sentence are not meant."""

_TELLTALE = re.compile(r"\b(?:CREATE|REPLACE|ALTER|DROP)\s+(?:ROLE|USER|GROUP|TABLESPACE)\b", re.IGNORECASE)


def open_for(project: Project, history: History, name: str, kept: bytes | None = None, begun: Embedded | None = None) -> Server:
    """Open the server on which a history is run, with what one like it has `kept`, else the one that was `begun`.

    Raises:
        ProofError: it cannot be opened. Unavailable when the history would change what a server's other databases share.

    """
    statement = None if kind_of(name) == "sqlite" else next(_statements(project, history), None)
    if statement is None:
        return open_server(name, kept, begun)
    if "://" in name:
        raise Unavailable(_why_not(f'"{statement}" concerns', kind_of(name)))
    return OneServerEach(name, begun)


def told_of(server: Server, before: frozenset[str], evidence: DatabaseEvidence) -> DatabaseEvidence:
    """Say what is new on a server that others use; where something that was seen speaks of it, nothing there is proved."""
    made = sorted(server.shared() - before)
    if not made:
        return evidence
    words = set(re.findall(r"\w+", repr(evidence.steps) + repr(evidence.deployment) + repr(evidence.offline)))
    if any(one.partition(" ")[2] in words for one in made):
        why = _why_not(f"{' and '.join(made)}, made since the run began, belongs to", server.kind)
        return DatabaseEvidence(
            name=evidence.name,
            kind=evidence.kind,
            server_version=evidence.server_version,
            unavailable=f"{why} If nobody else made it, drop it by hand.",
        )
    new = tuple(f"{one}, which is new on the server since the run began: drop it by hand if nobody else made it" for one in made)
    return replace(evidence, not_compared=(*evidence.not_compared, *new))


def _why_not(what: str, kind: str) -> str:
    private = "mariadb" if kind == "mysql" else kind
    return f"Cannot prove on this server: {what} all its databases, and others use it. Give --on {private}, a private server."


def _statements(project: Project, history: History) -> Iterator[str]:
    """The statements on what databases share, that stand in the revision files and in the prelude."""
    for revision in history.revisions:
        path = project.root / revision.file
        source = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".py" and _TELLTALE.search(source):  # parsing all files would take as long as the walk
            for text in _texts(ast.parse(source)):
                yield from statements_in(text)
    prelude = project.settings.prelude or ""
    path = project.config_file.parent / prelude
    if prelude.endswith(".sql") and path.is_file():
        yield from statements_in(path.read_text(encoding="utf-8", errors="replace"))


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every text in a file but those that stand alone, which are docstrings."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def statements_in(text: str) -> Iterator[str]:
    """Find the statements on what databases share: "CREATE ROLE reader"."""
    return (" ".join(match.group(1).split()) for match in _STATEMENT.finditer(text))

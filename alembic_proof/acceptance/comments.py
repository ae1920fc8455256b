"""Acceptances in a revision's file: `# proof: accept CHECK [OBJECT] -- REASON`, a comment on a line where one may stand.

At most one blank stands before `proof:`, so that a comment can show an example by indenting it.
"""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from alembic_proof.checks.registry import is_of_drift, slug_of
from alembic_proof.errors import ProofError
from alembic_proof.findings import Acceptance

FORM = "# proof: accept CHECK [OBJECT] -- REASON"

_MARK = re.compile(r"#\s?proof:\s*(.*)")
_REASON = re.compile(r"\s--(?=\s|$)")


def accepted_in(path: Path, *, revision: str, file: str) -> Iterator[Acceptance]:
    """Read what a revision's file accepts; `file` is how a reader knows it.

    Raises:
        ProofError: a comment that begins with `# proof:` has another form, no reason, or a check that there is not.

    """
    if path.suffix == ".py" and b"proof:" in path.read_bytes():  # most files have none, and reading tokens takes its time
        for line, text in _comments(path):
            yield _read(text, revision, file, line)


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    """The comments that begin with the mark, without it. What stands in a string is none."""
    with tokenize.open(path) as source:
        for token in tokenize.generate_tokens(source.readline):
            marked = _MARK.match(token.string) if token.type == tokenize.COMMENT else None
            if marked is not None:
                yield token.start[0], marked[1].strip()


def _read(text: str, revision: str, file: str, line: int) -> Acceptance:
    where = f"{file}:{line}"
    word, _, rest = text.partition(" ")
    if word != "accept":
        raise ProofError(f'Cannot read "# proof: {text}" in {where}: it does not say "accept". Write it as "{FORM}".')
    subject, *reason = _REASON.split(rest.strip(), maxsplit=1)
    name, _, named = subject.strip().partition(" ")
    if not name or name == "--":
        raise ProofError(f'Cannot accept in {where}: it names no check. Write it as "{FORM}".')
    if not reason or not reason[0].strip():
        raise ProofError(f'Cannot accept {name} in {where}: it gives no reason. Write it as "{FORM}".')
    try:
        check = slug_of(name)
    except ProofError as error:
        raise ProofError(f"Cannot accept {name} in {where}: {error}") from error
    if is_of_drift(check):
        raise ProofError(
            f"Cannot accept {name} in {where}: what a live database has belongs to no revision. "
            "Write it in pyproject.toml, as a [[tool.alembic_proof.accept]] table with its object."
        )
    return Acceptance(
        check=check, revision=revision, object=named.strip() or None, reason=reason[0].strip(), file=file, line=line
    )

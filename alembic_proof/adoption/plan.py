"""All edits that a project lacks; several of one file are one."""

from collections.abc import Sequence

from alembic_proof.adoption.edits import Edit
from alembic_proof.adoption.pieces import PIECES
from alembic_proof.adoption.place import Place
from alembic_proof.errors import ProofError


def plan(place: Place, only: Sequence[str] = ()) -> tuple[Edit, ...]:
    """List what the project lacks, of all pieces or of those named.

    Raises:
        ProofError: there is no such piece, or a file of the project cannot be read.

    """
    unknown = [name for name in only if name not in PIECES]
    if unknown:
        raise ProofError(f'Cannot write "{unknown[0]}": there is no such piece. Use some of: {", ".join(PIECES)}.')
    edits: dict[object, Edit] = {}
    for name, piece in PIECES.items():
        edit = piece(place) if not only or name in only else None
        if edit is not None:
            first = edits.get(edit.path)
            edits[edit.path] = edit if first is None else Edit(edit.path, first.before, edit.after, f"{first.why}; {edit.why}")
            place.pending[edit.path] = edit.after
    return tuple(edits.values())

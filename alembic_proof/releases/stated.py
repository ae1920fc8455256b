"""A revision as its file's text states it. Nothing is imported: what a file of another commit needs may not be here."""

import ast

from alembic_proof.errors import ProofError
from alembic_proof.history import Revision

_STATED = ("revision", "down_revision", "depends_on", "branch_labels")


def stated_revision(source: bytes, file: str) -> Revision | None:
    """Read what a revision file states; None where it states no revision, or is no Python and so was never run.

    Raises:
        ProofError: it states by more than a literal where it stands.

    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    try:
        values = {name: (ast.literal_eval(value), line) for name, value, line in _assignments(tree) if name in _STATED}
    except ValueError as error:
        raise ProofError(
            f"Cannot read {file} of the base branch: {error}. Write what Alembic reads of it as literals."
        ) from error
    identity = values.get("revision", (None, 0))[0]
    if not isinstance(identity, str):
        return None
    docstring = ast.get_docstring(tree) or ""
    return Revision(
        id=identity,
        down=_names(values.get("down_revision", (None, 0))[0]),
        depends_on=_names(values.get("depends_on", (None, 0))[0]),
        branch_labels=tuple(sorted(_names(values.get("branch_labels", (None, 0))[0]))),
        message=docstring.partition("\n")[0],
        file=file,
        down_revision_line=values.get("down_revision", (None, None))[1],
        upgrade_line=None,
        downgrade_line=None,
        one_way=None,
        upgrade_is_empty=False,
        downgrade_is_empty=False,
    )


def _assignments(tree: ast.Module) -> list[tuple[str, ast.expr, int]]:
    found = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        found += [(target.id, value, node.lineno) for target in targets if isinstance(target, ast.Name) and value is not None]
    return found


def _names(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (
        (value,) if isinstance(value, str) else tuple(str(one) for one in value) if isinstance(value, tuple | list | set) else ()
    )

"""A name for what a revision's file does: equal for equal code, whatever its comments, its form and the Python that reads it."""

import ast
from collections.abc import Iterator
from hashlib import sha256

_IDENTITY = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})
"""What Alembic reads of a file. Where a revision stands is no part of what it does: AP104 looks at that."""

_WITHOUT_EFFECT = frozenset({"alembic", "sqlalchemy", "typing", "typing_extensions", "collections", "__future__"})
"""Packages whose import does nothing by itself: it may come and go with the names that use it."""


def code_digest(source: str | bytes, *, with_downgrade: bool = False) -> str:
    """Give the digest of what an upgrade does: the syntax tree without what has no effect.

    Left out are comments, form, docstrings, annotations, the order of imports, imports that nothing uses, Alembic's own variables
    and downgrade(): no database has run that yet in its place, so that it may be mended. `with_downgrade` leaves it in.

    Raises:
        SyntaxError: it is no Python.

    """
    body = [statement for statement in ast.parse(source).body if with_downgrade or not _is_downgrade(statement)]
    kept = [statement for statement in _effective(body) if not _is_identity(statement)]
    imports = [statement for statement in kept if isinstance(statement, ast.Import | ast.ImportFrom)]
    rest = [statement for statement in kept if not isinstance(statement, ast.Import | ast.ImportFrom)]
    words = [word for statement in rest for word in _words(statement)]
    lines = sorted({line for statement in imports for line in _imported(statement, set(words))})
    return sha256("\n".join([*lines, *words]).encode()).hexdigest()[:16]


def _is_downgrade(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name == "downgrade"


def _is_identity(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    return bool(targets) and all(isinstance(target, ast.Name) and target.id in _IDENTITY for target in targets)


def _effective(body: list[ast.stmt]) -> list[ast.stmt]:
    """A body without `pass` and without what stands there as a mere text."""
    return [
        statement
        for statement in body
        if not isinstance(statement, ast.Pass)
        and not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]


def _imported(statement: ast.Import | ast.ImportFrom, words: set[str]) -> Iterator[str]:
    """One line for each name that an import statement brings, but for those that nothing uses and that do nothing."""
    module = f"{'.' * statement.level}{statement.module or ''}" if isinstance(statement, ast.ImportFrom) else None
    for alias in statement.names:
        root = (module or alias.name).partition(".")[0]
        bound = alias.asname or alias.name.partition(".")[0]
        if root in _WITHOUT_EFFECT and f"id=str:{bound!r}" not in words:
            continue
        yield f"import {module or ''}:{alias.name} as {alias.asname}"


def _words(node: ast.AST) -> Iterator[str]:
    """Spell a tree out by ourselves: ast.dump writes it otherwise from one version of Python to the next."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:  # its annotation does nothing
        node = ast.Assign(targets=[node.target], value=node.value)
    yield f"{type(node).__name__}("
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "ctx", "kind", "type_comment", "type_params"}:
            continue
        values = _effective(value) if name == "body" and isinstance(value, list) else value
        for one in values if isinstance(values, list) else [values]:
            if isinstance(one, ast.AST):
                yield from (f"{name}=", *_words(one))
            elif one is not None or isinstance(node, ast.Constant):
                yield f"{name}={type(one).__name__}:{one!r}"
    yield ")"

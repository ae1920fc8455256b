"""What the text of a revision file states, as its syntax tree tells it. Nothing is imported, and nothing but the text counts."""

import ast
import re

import msgspec


class Stated(msgspec.Struct, frozen=True):
    """What a revision file's text alone says: the part of a `Revision` that is read from its syntax tree."""

    down_revision_line: int | None = None
    upgrade_line: int | None = None
    downgrade_line: int | None = None
    one_way: str | None = None
    upgrade_is_empty: bool = False
    downgrade_is_empty: bool = False
    is_self_contained: bool = False


def stated_in(source: bytes) -> Stated:
    """Read a revision file's text.

    Raises:
        SyntaxError: it is no Python.

    """
    tree = ast.parse(source)
    upgrade, downgrade = _function(tree, "upgrade"), _function(tree, "downgrade")
    return Stated(
        down_revision_line=_assignment_line(tree, "down_revision"),
        upgrade_line=upgrade.lineno if upgrade else None,
        downgrade_line=downgrade.lineno if downgrade else None,
        one_way=_one_way_words(downgrade),
        upgrade_is_empty=_is_empty(upgrade),
        downgrade_is_empty=_is_empty(downgrade),
        is_self_contained=_hides_nothing(source.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")),
    )


_KNOWN_PACKAGES = frozenset({
    "alembic", "sqlalchemy", "__future__", "typing", "typing_extensions", "collections", "contextlib", "dataclasses", "datetime",
    "decimal", "enum", "functools", "itertools", "json", "logging", "math", "re", "string", "textwrap", "uuid", "warnings",
})  # fmt: skip
"""What a revision may import without reaching anything but its database."""

_WAYS_OUT = frozenset({
    "connection", "cursor", "dbapi_connection", "driver_connection", "raw_connection", "connect", "begin", "exec_driver_sql",
    "engine", "create_engine", "commit", "rollback", "open", "exec", "eval", "__import__", "import_module", "globals",
})  # fmt: skip
"""What a revision could use to do something that no statement of its own connection shows."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_IMPORTED = re.compile(r"(?:^|[;:])[ \t]*(?:from[ \t]+(\.|\w+)|import[ \t]+([^\n;#]*))", re.MULTILINE)


def _hides_nothing(source: str) -> bool:
    """Say whether a file imports only what is known and mentions no way out, not even in a comment: that costs one step."""
    imported = (name.split(".")[0].split() for one, several in _IMPORTED.findall(source) for name in (one or several).split(","))
    return all(words and words[0] in _KNOWN_PACKAGES for words in imported) and _WAYS_OUT.isdisjoint(_WORD.findall(source))


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def _assignment_line(tree: ast.Module, name: str) -> int | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.lineno
    return None


def _statements(function: ast.FunctionDef) -> list[ast.stmt]:
    """The body without its docstring."""
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return function.body[1:]
    return function.body


def _is_empty(function: ast.FunctionDef | None) -> bool:
    return function is not None and all(isinstance(statement, ast.Pass) for statement in _statements(function))


def _one_way_words(downgrade: ast.FunctionDef | None) -> str | None:
    """Why there is no way back, in the function's own words; None when there is one."""
    statements = _statements(downgrade) if downgrade is not None else ()
    if not statements or not isinstance(statements[0], ast.Raise):
        return None
    raised = statements[0].exc
    return "downgrade() begins with a raise." if raised is None else f"downgrade() begins with: raise {ast.unparse(raised)}"

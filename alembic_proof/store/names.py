"""Which names a statement binds, which it uses, and where imported ones come from. Knows syntax trees and nothing else."""

import ast
from collections.abc import Iterable, Iterator

_LISTENING = frozenset({"listen", "listens_for", "listen_for"})


def bound_by(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement of a module gives to something."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset({statement.name})
    return frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def names_used(statement: ast.stmt) -> frozenset[str]:
    """The names whose meaning matters to a statement.

    Not those in annotations, nor what is listened to (`listens_for(User, ...)`), nor that of which only the metadata is taken.
    """
    return frozenset(_used(statement))


def _used(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            yield name
        case ast.Attribute(value=ast.Name() | ast.Attribute(), attr="metadata"):
            return
        case ast.Assign(targets=[ast.Name(id="target_metadata")], value=ast.Name()):
            return
        case ast.keyword(arg="target_metadata", value=ast.Name()):
            return
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[_, *others]) if called in _LISTENING:
            for part in (node.func, *others, *node.keywords):
                yield from _used(part)
        case _:
            for part in _meant(node):
                yield from _used(part)


def _meant(node: ast.AST) -> Iterator[ast.AST]:
    for field, value in ast.iter_fields(node):
        if field not in ("annotation", "returns"):
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))


def imported_names(body: Iterable[ast.stmt]) -> dict[str, tuple[tuple[int, str], ...]]:
    """For each name that a module imports, the modules that it may be or come from; those of `import *` under "*"."""
    found: dict[str, tuple[tuple[int, str], ...]] = {}
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = (*found.get(name, ()), *((0, one) for one in named_by(alias)))
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                name = alias.asname or alias.name
                below = () if alias.name == "*" else ((node.level, f"{module}.{alias.name}".lstrip(".")),)
                found[name] = (*found.get(name, ()), (node.level, module), *below)
    return found


def named_by(alias: ast.alias) -> Iterator[str]:
    """The modules that `import a.b` puts in reach: a and a.b; `import a.b as c` only that one."""
    parts = alias.name.split(".")
    first = len(parts) if alias.asname else 1
    return (".".join(parts[:length]) for length in range(first, len(parts) + 1))


def runs_when_imported(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and those in it, without what only runs when it is called, or never."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_for_types(node):
        yield node
        for part in _statements_in(node):
            yield from runs_when_imported(part)


def may_run(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and those in it, without what only tools for types read."""
    if not _is_for_types(node):
        yield node
        for part in _statements_in(node):
            yield from may_run(part)


def _statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """What stands right in a statement and is no expression: in those there are no statements, but most of a module."""
    return (part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr))


def _is_for_types(node: ast.AST) -> bool:
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[]):
            return True
        case _:
            return False

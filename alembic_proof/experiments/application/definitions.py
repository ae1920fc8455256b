"""Where a name of the application is defined: followed through re-exports, without importing anything."""

import ast
from collections.abc import Iterator

from alembic_proof.experiments.application.import_graph import read_imports
from alembic_proof.experiments.application.locate import Application

_MOST_REEXPORTS = 10


def definition(module: str, name: str, application: Application, reexports: int = 0) -> str | None:
    """The `file:line` that defines a name of a module, None when it cannot be told."""
    file = application.file_of(module)
    if file is None or reexports > _MOST_REEXPORTS:
        return None
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if name in _defined_by(node):
            return f"{application.shown(file)}:{node.lineno}"
    for statement in read_imports(application, module):
        for its_name, bound_as in statement.names:
            if bound_as == name:
                return definition(statement.module, its_name, application, reexports + 1)
    return None


def _defined_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name

"""What env.py says of the application: which modules it imports, and which of them target_metadata comes from."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from alembic_proof.experiments.application.import_statements import ImportStatement, imports_of
from alembic_proof.experiments.application.locate import Application


class EnvFile(msgspec.Struct, frozen=True):
    """Read from its syntax tree. `metadata_module` is None when target_metadata does not come from the application."""

    file: str
    imported: tuple[str, ...]
    metadata_module: str | None
    metadata_file: str | None


def read_env_file(env_py: Path, application: Application) -> EnvFile:
    """Read env.py, of which `locate` has seen that it is Python."""
    tree = ast.parse(env_py.read_bytes())
    statements = imports_of(tree)
    module = next(_metadata_modules(tree, statements, application), None)
    file = None if module is None else application.file_of(module)
    return EnvFile(
        file=application.shown(env_py),
        imported=tuple(dict.fromkeys(name for s in statements if not s.is_for_typing for name in _modules(s))),
        metadata_module=None if file is None else module,
        metadata_file=None if file is None else application.shown(file),
    )


def _modules(statement: ImportStatement) -> Iterator[str]:
    yield statement.module
    yield from (f"{statement.module}.{name}" for name, _ in statement.names)


def _metadata_modules(tree: ast.Module, statements: Sequence[ImportStatement], application: Application) -> Iterator[str]:
    """The application's modules from which names in `target_metadata = ...` come."""
    for value in _metadata_values(tree):
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        written = {ast.unparse(node) for node in ast.walk(value) if isinstance(node, ast.Attribute | ast.Name)}
        for statement in statements:
            if not application.owns(statement.module):
                continue
            if statement.bound_as in written:
                yield statement.module
            for name, bound_as in statement.names:
                if bound_as in names:
                    inner = f"{statement.module}.{name}"
                    yield inner if application.file_of(inner) is not None else statement.module


def _metadata_values(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="target_metadata")], value=value):
                yield value
            case ast.AnnAssign(target=ast.Name(id="target_metadata"), value=ast.expr() as value):
                yield value
            case ast.keyword(arg="target_metadata", value=value):
                yield value

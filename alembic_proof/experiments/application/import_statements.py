"""The import statements of one Python file, read from its syntax tree. Nothing is imported."""

import ast
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace


class ImportStatement(msgspec.Struct, frozen=True, kw_only=True):
    """One imported module of a statement. `names` are pairs (name in the module, name here), empty for `import module`.

    `is_deferred` says that it stands inside a function, `is_for_typing` that it stands under `if TYPE_CHECKING`.
    """

    module: str
    names: tuple[tuple[str, str], ...] = ()
    bound_as: str | None = None
    line: int
    last_line: int
    text: str
    is_deferred: bool = False
    is_for_typing: bool = False

    @property
    def runs_at_import(self) -> bool:
        return not self.is_deferred and not self.is_for_typing


def imports_of(tree: ast.Module, module: str = "", *, is_package: bool = False) -> tuple[ImportStatement, ...]:
    """List the imports of a file in order: at any depth, `import_module("...")` with a literal name included.

    Relative imports are resolved against `module`, the file's own name; without one they are left out.
    """
    parts = module.split(".") if module else []
    package = parts if is_package else parts[:-1]
    return tuple(_below(tree, _Place(package=tuple(package))))


class _Place(msgspec.Struct, frozen=True):
    package: tuple[str, ...]
    is_deferred: bool = False
    is_for_typing: bool = False


def _below(node: ast.AST, place: _Place) -> Iterator[ImportStatement]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _below(child, replace(place, is_deferred=True))
            case ast.If(test=test, body=body, orelse=otherwise) if _asks_for_typing(test):
                yield from _below(ast.Module(body=body, type_ignores=[]), replace(place, is_for_typing=True))
                yield from _below(ast.Module(body=otherwise, type_ignores=[]), place)
            case ast.Import() | ast.ImportFrom():
                yield from _statements(child, place)
            case _:
                if isinstance(child, ast.Call):
                    yield from _call(child, place)
                yield from _below(child, place)


def _asks_for_typing(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def _statements(node: ast.Import | ast.ImportFrom, place: _Place) -> Iterator[ImportStatement]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _statement(node, place, module=alias.name, bound_as=alias.asname or alias.name)
        return
    module = _absolute(node, place.package)
    if module:
        yield _statement(node, place, module=module, names=tuple((a.name, a.asname or a.name) for a in node.names))


def _absolute(node: ast.ImportFrom, package: tuple[str, ...]) -> str | None:
    if node.level == 0:
        return node.module
    kept = package[: len(package) - node.level + 1]
    return ".".join((*kept, *filter(None, [node.module]))) if kept else None


def _call(node: ast.Call, place: _Place) -> Iterator[ImportStatement]:
    match node:
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ) if not name.startswith("."):
            yield _statement(node, place, module=name)


def _statement(
    node: ast.Import | ast.ImportFrom | ast.Call,
    place: _Place,
    *,
    module: str,
    names: tuple[tuple[str, str], ...] = (),
    bound_as: str | None = None,
) -> ImportStatement:
    return ImportStatement(
        module=module,
        names=names,
        bound_as=bound_as,
        line=node.lineno,
        last_line=node.end_lineno or node.lineno,
        text=ast.unparse(node),
        is_deferred=place.is_deferred,
        is_for_typing=place.is_for_typing,
    )

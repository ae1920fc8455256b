"""What a module of the application does to migrations: nearly always nothing, for it describes tables.

Migrations run by revision files and env.py. A model's new column changes what env.py hands to Alembic for comparison, and no
statement of any upgrade. So two versions of a module count as the same where they differ only in what describes: classes with
attributes and methods, tables, imports, docstrings. Whatever may reach a migration stays in: any other statement (a naming
convention, a listener), and any description that mentions one of the words by which code gets at connections and events.
"""

import ast
import hashlib
from collections.abc import Iterator

NOTHING = ""
"""The effect of a module that only describes."""

_REACHING = frozenset({
    "event", "events", "listen", "listens_for", "compiles", "DDL", "op", "alembic", "connect", "connection", "engine", "execute",
    "create_all", "drop_all", "MetaData", "metadata", "naming_convention", "type_annotation_map", "registry", "exec", "eval",
    "open", "environ", "getenv", "__init_subclass__", "__new__", "__set_name__", "setattr", "globals",
})  # fmt: skip
"""Words in a description that may do more than describe."""


def effect_of(source: bytes) -> str:
    """Digest of what a module does beside describing; NOTHING where that is all it does. What is no Python counts whole."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return hashlib.blake2b(source, digest_size=20).hexdigest()
    kept = [ast.dump(statement) for statement in body if not _describes(statement)]
    return hashlib.blake2b("\n".join(kept).encode(errors="surrogatepass"), digest_size=20).hexdigest() if kept else NOTHING


def imports_of(source: bytes) -> Iterator[tuple[int, str]]:
    """Every module that a source may import, wherever it says so: its level of relative import, and its dotted name.

    `from a import b` gives both a and a.b: b may be a module.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield node.level, module
            yield from ((node.level, f"{module}.{alias.name}".lstrip(".")) for alias in node.names if alias.name != "*")


def _describes(statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.Import()
            | ast.ImportFrom()
            | ast.Pass()
            | ast.Expr(value=ast.Constant())
            | ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[])
            | ast.Assign(targets=[ast.Name(id="__all__")])
        ):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="Table") | ast.Attribute(attr="Table")) as call):
            # Its second argument is the MetaData: that one word is meant to stand there.
            described = [*call.args[:1], *call.args[2:], *(one.value for one in call.keywords)]
            return not any(_reaches(part) for part in described)
        case ast.ClassDef(decorator_list=[], keywords=[]):
            return not _reaches(statement) and all(map(_is_plain, statement.body))
        case _:
            return False


def _is_plain(statement: ast.stmt) -> bool:
    """Whether a statement in a class only gives it an attribute or a method."""
    attribute = isinstance(statement, ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.Pass)
    assigned = isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets)
    docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return attribute or assigned or docstring


def _reaches(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        if name is None and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        if name in _REACHING:
            return True
    return False

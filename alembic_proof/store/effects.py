"""What a module of the application does to migrations: nearly always nothing, for it describes tables.

Migrations run by revision files and env.py. A model's new column changes what env.py hands to Alembic for comparison, and no
statement of any upgrade. So two versions of a module count as the same where they differ only in what describes: classes with
attributes and methods, tables, imports, docstrings. Whatever may reach a migration stays in: any other statement (a naming
convention, a listener), any description that such a statement uses, and any that mentions one of the words by which code gets
at connections and events.
"""

import ast
import builtins
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from alembic_proof.store.names import bound_by, imported_names, may_run, named_by, names_used, runs_when_imported

NOTHING = ""
"""The effect of a module that only describes."""

_REACHING = frozenset({
    "event", "events", "listen", "listens_for", "compiles", "DDL", "op", "alembic", "connect", "connection", "engine", "execute",
    "create_all", "drop_all", "MetaData", "metadata", "naming_convention", "type_annotation_map", "registry", "exec", "eval",
    "open", "environ", "getenv", "__init_subclass__", "__new__", "__set_name__", "setattr", "globals",
})  # fmt: skip
"""Words in a description that may do more than describe."""

_DECORATORS = frozenset({
    "property", "setter", "deleter", "getter", "staticmethod", "classmethod", "cached_property", "abstractmethod", "override",
    "overload", "final", "hybrid_property", "hybrid_method", "expression", "comparator", "update_expression", "inplace",
    "declared_attr", "directive", "cascading", "validates", "reconstructor", "field_validator", "model_validator",
    "computed_field", "field_serializer", "validator", "root_validator", "wraps", "cache", "lru_cache", "contextmanager",
})  # fmt: skip
"""Decorators of methods that register nothing with anybody."""

_OF_CLASSES = frozenset({
    "dataclass", "mapped_as_dataclass", "mapped", "total_ordering", "final", "unique", "runtime_checkable", "deprecated",
})  # fmt: skip
"""Decorators of classes that change nothing but the class."""

_BUILTIN = frozenset({*dir(builtins), "__file__", "__path__", "__package__"})

_OF_ALL_TABLES = frozenset({"create_all", "drop_all", "tables", "sorted_tables", "reflect"})


_MODULES = 4096
"""For how many sources an answer is remembered: each is asked for several times."""


@lru_cache(_MODULES)
def effect_of(source: bytes) -> str:
    """Digest of what a module does beside describing; NOTHING where that is all it does. What is no Python counts whole."""
    body = _body(source)
    if body is None:
        return hashlib.blake2b(source, digest_size=20).hexdigest()
    acting = {id(statement) for statement in (*_apart(body), *_active(source))}
    kept = [ast.dump(statement) for statement in body if id(statement) in acting]
    return hashlib.blake2b("\n".join(kept).encode(errors="surrogatepass"), digest_size=20).hexdigest() if kept else NOTHING


@lru_cache(_MODULES)
def leanings_of(source: bytes) -> frozenset[tuple[int, str]]:
    """The modules whose names a source uses where it does more than describe: as `imports_of` gives them."""
    return frozenset(_leanings(_body(source) or (), _active(source)))


def _leanings(body: Sequence[ast.stmt], active: Iterable[ast.stmt]) -> Iterator[tuple[int, str]]:
    names = imported_names(body)
    used = {name for statement in active for name in names_used(statement)}
    for name in sorted(used & names.keys()):
        yield from names[name]
    if used - names.keys() - {name for statement in body for name in bound_by(statement)} - _BUILTIN:
        yield from names.get("*", ())


def takes_all_tables(source: bytes, *, is_used: bool) -> bool:
    """Whether what a source does depends on which tables there are, beside what it leaves out of comparisons.

    Of a module that nobody `is_used` of, methods that only callers would run say nothing.
    """
    active = [one for one in _active(source) if not _is_named_like(one, "include_")]
    used = {name for statement in active for name in names_used(statement)}
    return any(
        isinstance(node, ast.Attribute) and node.attr in _OF_ALL_TABLES
        for statement in active
        for node in (ast.walk(statement) if is_used or used.intersection(bound_by(statement)) else _without_methods(statement))
    )


def _is_named_like(statement: ast.stmt, beginning: str) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name.startswith(beginning)


def _without_methods(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement and its parts; of a class not the plain methods."""
    if not isinstance(statement, ast.ClassDef):
        yield from ast.walk(statement)
        return
    for part in ast.iter_child_nodes(statement):
        if not (isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and _is_plain(part) and not part.name.startswith("__")):
            yield from ast.walk(part)


def words_of(source: bytes) -> bytes:
    """A source without its comments, and without texts that stand alone; all of it where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.unparse(tree).encode(errors="surrogatepass")


@lru_cache(_MODULES)
def imports_of(source: bytes, *, at_once: bool = False) -> frozenset[tuple[int, str]]:
    """Every module that a source may import: its level of relative import, and its dotted name. `at_once`: when it is imported.

    `from a import b` gives both a and a.b: b may be a module. `import a.b` gives both, too: by its name a, all of it is in reach.
    """
    return frozenset(_imports(_body(source) or (), at_once=at_once))


def _imports(body: Iterable[ast.stmt], *, at_once: bool) -> Iterator[tuple[int, str]]:
    for statement in body:
        for node in runs_when_imported(statement) if at_once else may_run(statement):
            if isinstance(node, ast.Import):
                yield from ((0, name) for alias in node.names for name in named_by(alias))
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                yield node.level, module
                yield from ((node.level, f"{module}.{alias.name}".lstrip(".")) for alias in node.names if alias.name != "*")


@lru_cache(8)
def _body(source: bytes) -> tuple[ast.stmt, ...] | None:
    """The statements of a source; they are not to be changed."""
    try:
        return tuple(ast.parse(source).body)
    except (SyntaxError, ValueError):
        return None


def _apart(body: Iterable[ast.stmt]) -> list[ast.stmt]:
    """The statements that do more than describe."""
    statements = list(body)
    words = _REACHING | _other_words(statements)
    return [statement for statement in statements if not _describes(statement, words)]


@lru_cache(8)
def _active(source: bytes) -> tuple[ast.stmt, ...]:
    """What runs when the module is imported or what calls it may be anybody, and all in the module that this uses."""
    statements = _body(source) or ()
    active = [one for one in _apart(statements) if not _is_plain_function(one)]
    rest = [(one, bound_by(one)) for one in statements if one not in active and not isinstance(one, ast.Import | ast.ImportFrom)]
    while True:
        used = {name for statement in active for name in names_used(statement)}
        more = [one for one, bound in rest if used.intersection(bound)]
        if not more:
            return tuple(active)
        active += more
        rest = [(one, bound) for one, bound in rest if one not in more]


def _is_plain_function(statement: ast.stmt) -> bool:
    """A function that nobody is told of: it does something when it is called."""
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.decorator_list


def _other_words(body: Iterable[ast.stmt]) -> frozenset[str]:
    """What this module calls the words, and all that it has from Alembic: its classes register themselves."""
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return frozenset(
        (alias.asname or alias.name).partition(".")[0]
        for node in imports
        for alias in node.names
        if alias.name in _REACHING
        or (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0] == "alembic"
    )


def _describes(statement: ast.stmt, words: frozenset[str]) -> bool:
    match statement:
        case (
            ast.Import()
            | ast.ImportFrom()
            | ast.Pass()
            | ast.Expr(value=ast.Constant())
            | ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[])
            | ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple())
        ):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="Table") | ast.Attribute(attr="Table")) as call):
            # Its second argument is the MetaData: that one word is meant to stand there.
            described = [*call.args[:1], *call.args[2:], *(one.value for one in call.keywords)]
            return not any(_reaches(part, words) for part in described)
        case ast.Expr(value=ast.Call(func=ast.Name(id="Index") | ast.Attribute(attr="Index")) as call):
            return not _reaches(call, words)
        case ast.ClassDef(decorator_list=decorators, keywords=keywords):  # `table=True` of SQLModel, `kw_only=True`
            is_said = all(one.arg is not None and isinstance(one.value, ast.Constant) for one in keywords)
            is_plain = is_said and all(_last_name(one) in _OF_CLASSES for one in decorators)
            return is_plain and not _reaches(statement, words) and all(map(_is_plain, statement.body))
        case _:
            return False


def _is_plain(statement: ast.stmt) -> bool:
    """Whether a statement in a class only gives it an attribute or a method."""
    method = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and all(
        _last_name(one) in _DECORATORS for one in statement.decorator_list
    )
    assigned = isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets)
    docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return method or assigned or docstring or isinstance(statement, ast.AnnAssign | ast.Pass)


def _last_name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _reaches(tree: ast.AST, words: frozenset[str]) -> bool:
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        if name is None and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        if name in words:
            return True
    return False

"""Which module imports which when it is imported itself, and which of them have to be tried first. A plain graph."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from alembic_proof.experiments.application.children.answers import Edge
from alembic_proof.experiments.application.import_statements import ImportStatement, imports_of
from alembic_proof.experiments.application.locate import Application


class ImportGraph(msgspec.Struct, frozen=True):
    """What each module imports while it is imported; imports inside functions and for typing are no part of it.

    `is_known` is False when the imports could not be read; then every module may import every other.
    """

    imports: Mapping[str, frozenset[str]]
    is_known: bool = True

    def imported_with(self, module: str, *, by: str) -> frozenset[str]:
        """All that is imported when one module imports another: the other, its packages, and what they import."""
        if not self.is_known:
            return frozenset(self.imports)
        reached: set[str] = set()
        waiting = [module, *_parents(module, by)]
        while waiting:
            module = waiting.pop()
            if module not in reached:
                reached.add(module)
                waiting.extend(self.imports.get(module, ()))
        return frozenset(reached)

    def circular(self) -> frozenset[str]:
        """The modules that reach themselves: those of a cycle. All of them, when nothing is known."""
        if not self.is_known:
            return frozenset(self.imports)
        return frozenset(module for group in _components(self.imports) if len(group) > 1 for module in group)

    def leaves(self) -> frozenset[str]:
        """The modules that no other module imports. Python imports a package before what lies in it: that tries it too."""
        imported = {other for module, others in self.imports.items() for other in others if other != module}
        leaves = frozenset(self.imports) - imported
        return leaves.difference(package for module in leaves | self.circular() for package in _packages_of(module))

    def needs(self, module: str) -> frozenset[str]:
        """What is imported before a module is complete: its packages and its own imports."""
        return self.imports.get(module, frozenset()) | {name for name in _packages_of(module) if name in self.imports}

    def settled(self) -> frozenset[str]:
        """The modules that reach no cycle: for them and for what they import, the order cannot matter."""
        needed_by: dict[str, set[str]] = {}
        for module in self.imports:
            for other in self.needs(module):
                needed_by.setdefault(other, set()).add(module)
        unsettled: set[str] = set()
        waiting = list(self.circular())
        while waiting:
            module = waiting.pop()
            if module not in unsettled:
                unsettled.add(module)
                waiting.extend(needed_by.get(module, ()))
        return frozenset(self.imports) - unsettled


def build_graph(application: Application, edges: Iterable[Edge]) -> ImportGraph:
    """Join the edges, without those inside functions, with the imports of single files, and add the packages of each module.

    An edge without lines was seen while the application was imported.
    """
    imports: dict[str, set[str]] = {module: set() for module in (*application.modules, *application.left_out)}
    deferred = _Deferred(application)
    for edge in edges:
        if edge.importer in imports and edge.imported in imports and not deferred.are_all(edge.importer, edge.lines):
            imports[edge.importer].add(edge.imported)
    for module in application.flat:
        for statement in read_imports(application, module):
            if module in imports and statement.runs_at_import:
                imports[module].update(name for name in _targets(statement) if name in imports and name != module)
    return ImportGraph({
        module: frozenset(others | {parent for other in others for parent in _parents(other, module) if parent in imports})
        for module, others in imports.items()
    })  # fmt: skip


def read_imports(application: Application, module: str) -> tuple[ImportStatement, ...]:
    """The import statements of one of the application's modules; none when it cannot be read."""
    file = application.file_of(module)
    try:
        tree = ast.parse(file.read_bytes()) if file is not None else ast.Module(body=[], type_ignores=[])
    except (OSError, SyntaxError, ValueError):
        return ()
    return imports_of(tree, module, is_package=file is not None and file.name == "__init__.py")


def _targets(statement: ImportStatement) -> Iterator[str]:
    yield statement.module
    yield from (f"{statement.module}.{name}" for name, _ in statement.names)


def _parents(imported: str, importer: str) -> Iterator[str]:
    """The packages whose `__init__` Python runs before the imported module, but for those that are running already."""
    return (package for package in _packages_of(imported) if not f"{importer}.".startswith(f"{package}."))


def _packages_of(module: str) -> Iterator[str]:
    package = module.rpartition(".")[0]
    while package:
        yield package
        package = package.rpartition(".")[0]


class _Deferred:
    """Tells which lines of a file are not run when it is imported. Only files with an indented import are parsed."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lines: dict[str, list[bytes]] = {}
        self._deferred: dict[str, frozenset[int]] = {}

    def are_all(self, module: str, lines: Collection[int]) -> bool:
        source = self._source(module)
        indented = [line for line in lines if line <= len(source) and source[line - 1][:1] in {b" ", b"\t"}]
        return bool(lines) and len(indented) == len(lines) and self._deferred_lines(module).issuperset(lines)

    def _source(self, module: str) -> list[bytes]:
        if module not in self._lines:
            file = self._application.file_of(module)
            self._lines[module] = file.read_bytes().splitlines() if file is not None else []
        return self._lines[module]

    def _deferred_lines(self, module: str) -> frozenset[int]:
        if module not in self._deferred:
            statements = read_imports(self._application, module)
            self._deferred[module] = frozenset(s.line for s in statements if not s.runs_at_import)
        return self._deferred[module]


def _components(graph: Mapping[str, Collection[str]]) -> Iterator[frozenset[str]]:
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for start in graph:
        if start in order:
            continue
        work = [(start, iter(sorted(graph[start])))]
        order[start] = lowest[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            module, rest = work[-1]
            for other in rest:
                if other not in order:
                    order[other] = lowest[other] = len(order)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in on_stack:
                    lowest[module] = min(lowest[module], order[other])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[module])
                if lowest[module] == order[module]:
                    group = frozenset(stack[stack.index(module) :])
                    del stack[len(stack) - len(group) :]
                    on_stack -= group
                    yield group

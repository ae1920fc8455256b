"""What a child saw of a first import, told in the application's files: the way round the cycle, and a way out of it."""

from collections.abc import Iterator
from pathlib import Path

from alembic_proof.application import CycleStep, FirstImport
from alembic_proof.experiments.application.children.answers import Attempt, Frame
from alembic_proof.experiments.application.import_graph import ImportGraph, read_imports
from alembic_proof.experiments.application.import_statements import ImportStatement
from alembic_proof.experiments.application.locate import Application
from alembic_proof.imported import Ended


def tell(seen: Attempt, application: Application, graph: ImportGraph) -> FirstImport:
    """Say where an attempt ended, in files relative to the root; a circular one with each step of its cycle."""
    where = seen.frames[-1] if seen.frames else None
    return FirstImport(
        module=seen.module,
        file=application.shown_module(seen.module),
        ended=seen.ended,
        words=seen.words.replace(f"{application.root}/", ""),
        at=None if where is None else application.shown(Path(where.file)),
        line=None if where is None else where.line,
        cycle=tuple(_steps(seen, application, graph)) if seen.ended is Ended.CIRCULAR else (),
    )


def _steps(seen: Attempt, application: Application, graph: ImportGraph) -> Iterator[CycleStep]:
    """From the module that was asked too early round to itself."""
    frames = [frame for frame in seen.frames if application.owns(frame.module)]
    modules = [frame.module for frame in frames]
    start = modules.index(seen.partial) if seen.partial in modules else 0
    targets = [*modules[start + 1 :], seen.partial or modules[start]]
    for frame, imported in zip(frames[start:], targets, strict=True):
        statement = _statement_at(frame, application)
        yield CycleStep(
            importer=frame.module,
            imported=imported,
            file=application.shown(Path(frame.file)),
            line=frame.line if statement is None else statement.line,
            statement=_source_line(frame) if statement is None else statement.text,
            instead=None if statement is None else _instead(statement, frame.module, application, graph),
        )


def _statement_at(frame: Frame, application: Application) -> ImportStatement | None:
    statements = read_imports(application, frame.module)
    return next((s for s in statements if s.line <= frame.line <= s.last_line and not s.is_deferred), None)


def _source_line(frame: Frame) -> str:
    lines = Path(frame.file).read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[frame.line - 1].strip() if frame.line <= len(lines) else ""


def _instead(statement: ImportStatement, importer: str, application: Application, graph: ImportGraph) -> str | None:
    """Write the import so that it takes each name from where it comes from, if that does not lead back to the importer."""
    lines = []
    for name, bound_as in statement.names:
        source = _free_source(statement.module, name, importer, application, graph)
        if source is None:
            return None
        module, its_name = source
        lines.append(f"from {module} import {its_name}" + ("" if bound_as == its_name else f" as {bound_as}"))
    return "\n".join(lines) or None


def _free_source(module: str, name: str, importer: str, application: Application, graph: ImportGraph) -> tuple[str, str] | None:
    seen = {(module, name)}
    while True:
        found = next(
            (
                (statement.module, its_name)
                for statement in read_imports(application, module)
                for its_name, bound_as in statement.names
                if bound_as == name and statement.runs_at_import
            ),
            None,
        )
        if found is None or found in seen or found[0] not in application.modules:
            return None
        if importer not in graph.imported_with(found[0], by=importer):
            return found
        seen.add(found)
        module, name = found

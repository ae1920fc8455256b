"""The tables of the application's models, with the place of each in the code and the way it is imported."""

from collections.abc import Iterator
from pathlib import Path

from alembic_proof.application import ModelTable
from alembic_proof.experiments.application.children.answers import Everything, SeenTable
from alembic_proof.experiments.application.env_file import EnvFile
from alembic_proof.experiments.application.import_graph import ImportGraph
from alembic_proof.experiments.application.locate import Application
from alembic_proof.imported import Holds


def model_tables(everything: Everything, application: Application, graph: ImportGraph, env: EnvFile) -> tuple[ModelTable, ...]:
    """List every Table once, by its full name, in the order of the code."""
    first: dict[str, SeenTable] = {}
    for table in everything.tables:
        first.setdefault(table.name, table)
    return tuple(
        ModelTable(
            name=table.name,
            bound_as=next(_bound_names(table, everything), None),
            mapped_class=table.mapped_class,
            module=table.place.module,
            file=application.shown(Path(table.place.file)),
            line=table.place.line,
            metadata=table.metadata,
            metadata_owner=next(_owners(table, everything), None),
            needs_metadata_module=_needs(table.place.module, env.metadata_module, graph),
        )
        for table in sorted(first.values(), key=lambda table: (table.place.module, table.place.line, table.name))
    )


def _bound_names(table: SeenTable, everything: Everything) -> Iterator[str]:
    for name in everything.names:
        if name.module == table.place.module and name.table == table.name:
            yield name.name


def _owners(table: SeenTable, everything: Everything) -> Iterator[str]:
    """The declarative bases that hold the table's MetaData where they are defined, then the names of the MetaData itself."""
    for holds in (Holds.BASE, Holds.METADATA):
        for name in everything.names:
            if name.holds is holds and name.metadata == table.metadata and name.is_own:
                yield f"{name.module}.{name.name}"


def _needs(module: str, metadata_module: str | None, graph: ImportGraph) -> bool:
    return metadata_module is None or metadata_module in graph.imported_with(module, by=metadata_module)

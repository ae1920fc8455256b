"""The imports between the application's modules, as grimp reads them. Nothing is imported but grimp.

A child, because grimp finds packages through the importing process, which may hold another project's package of that name.
"""

from typing import Any

import grimp

from alembic_proof.experiments.application.children.answers import Edge, Graph


def main(job: dict[str, Any]) -> Graph:
    """Read the graph of `packages`.

    Those in `flat` are single files, which grimp does not read; imports of them are told. One at least is no single file.
    """
    flat = set(job["flat"])
    own = [package for package in job["packages"] if package not in flat]
    try:
        graph = grimp.build_graph(*own, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)
    except Exception as error:
        return Graph(failure=f"{type(error).__name__}: {error}")
    edges = []
    for importer in sorted(graph.modules):
        if graph.is_module_squashed(importer):
            continue
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            if imported in flat or not graph.is_module_squashed(imported):
                details = graph.get_import_details(importer=importer, imported=imported)
                edges.append(Edge(importer=importer, imported=imported, lines=tuple(d["line_number"] for d in details)))
    return Graph(edges=tuple(edges))

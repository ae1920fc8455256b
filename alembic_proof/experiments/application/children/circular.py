"""Import each module of a cycle first. What their packages have in common is done once: Python imports a package before them."""

from collections.abc import Iterator, Sequence

from alembic_proof.experiments.application.children.attempt import attempt
from alembic_proof.experiments.application.children.copies import Copies
from alembic_proof.experiments.application.children.needs import Needs
from alembic_proof.imported import Ended


def import_circular(modules: Sequence[str], needs: Needs, copies: Copies, above: str = "") -> frozenset[str]:
    """Give the modules that could be imported first, in this process, in which the package `above` is loaded and no more.

    A module that its package has loaded is done: to import it first is to import the package first.
    """
    waiting = [name for name in modules if not needs.is_loaded(name)]
    whole = frozenset(modules).difference(waiting)
    below: dict[str, list[str]] = {}
    for name in waiting:
        package = name if "." not in name[len(above) + 1 :] else name[: name.index(".", len(above) + 1)]
        below.setdefault(package, []).append(name)
    if len(below) == 1:
        [(package, inside)] = below.items()
        if len(inside) > 1 and package in copies.run([[package]], needs.import_first):
            attempt(package, needs.packages)
            return whole | import_circular(inside, needs, copies, package)

    def import_share(share: Sequence[str]) -> Iterator[str]:
        [package] = (name for name, inside in below.items() if share[0] in inside)
        if len(share) == 1:
            yield from needs.import_first(share)
        elif attempt(package, needs.packages).ended is Ended.IMPORTED:
            yield from import_circular(share, needs, Copies(copies.folder, 1, copies.seconds), package)

    return whole | copies.run(list(below.values()), import_share)

"""Import modules first, in copies of an interpreter that has loaded already what cannot matter for them.

That is other people's libraries, and the modules of the application that reach no cycle. A hundred times cheaper than a new
interpreter for each. It may prove, never convict: what fails here is tried again alone.
"""

import gc
import importlib
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from alembic_proof.experiments.application.children.answers import Survivors
from alembic_proof.experiments.application.children.attempt import connections_refused
from alembic_proof.experiments.application.children.circular import import_circular
from alembic_proof.experiments.application.children.copies import Copies
from alembic_proof.experiments.application.children.needs import Needs


def main(job: dict[str, Any]) -> Survivors:
    """Import each module of `circular` first in a copy of its own, then those of `leaves`, which no other module imports.

    `others` are libraries, `settled` the modules that reach no cycle and `inner` the other ones that some module imports;
    `needs` gives what each module imports, `packages` are the application's own. `folder` takes compiled files and notes.
    An import may take `import_seconds`; `workers` copies run at a time.
    """
    if sys.platform == "win32":  # no fork
        return Survivors()
    needs = Needs(job["needs"], tuple(job["packages"]))
    copies = Copies(folder=Path(job["folder"]), workers=job["workers"], seconds=job["import_seconds"])
    with connections_refused():
        _load(job["others"])
        sys.pycache_prefix = str(copies.folder / "bytecode")
        sys.dont_write_bytecode = False
        _load(job["settled"])
        if not needs.are_all(job["settled"]):
            return Survivors(is_spoilt=True)  # something imported more than is known: nothing would be first any more
        gc.freeze()
        whole = import_circular(job["circular"], needs, copies)
        broken = frozenset(job["circular"]) - whole
        leaves, inner = ([name for name in job[kind] if broken.isdisjoint(needs.closure(name))] for kind in ("leaves", "inner"))
        _load(inner)  # every cycle among them has been entered at each of its modules
        gc.freeze()
        shares = [leaves[start :: copies.workers] for start in range(copies.workers)]
        return Survivors(modules=tuple(sorted(whole | copies.run(shares, needs.import_first))))


def _load(modules: Iterable[str]) -> None:
    for name in modules:
        with suppress(BaseException):
            importlib.import_module(name)

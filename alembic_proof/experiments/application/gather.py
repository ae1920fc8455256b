"""The way in: find the application, import it in interpreters of its own, and write down what was seen."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from alembic_proof.application import ApplicationEvidence, UnlookedModule
from alembic_proof.experiments.application.children.answers import Attempt, Everything, Graph, Survivors
from alembic_proof.experiments.application.cycles import tell
from alembic_proof.experiments.application.env_file import EnvFile, read_env_file
from alembic_proof.experiments.application.import_graph import ImportGraph, build_graph
from alembic_proof.experiments.application.interpreters import Ending, Interpreters
from alembic_proof.experiments.application.locate import Application, locate
from alembic_proof.experiments.application.revisions import Models, read_script
from alembic_proof.experiments.application.tables import model_tables
from alembic_proof.imported import Ended

A = TypeVar("A")

IMPORT_TIMEOUT_SECONDS = 60.0
"""How long the import of one module may take. Large libraries take 20 seconds on a cold machine."""
_ALL_TIMEOUT_SECONDS = 900.0
"""How long one interpreter may be busy with many modules."""


def gather_application(
    root: Path,
    script_location: Path,
    version_files: Sequence[Path],
    packages: Sequence[str] = (),
    interpreters: Interpreters | None = None,
) -> ApplicationEvidence:
    """Look at the application that owns the migrations. Nothing of it is imported into this process.

    Call it when `sys.path` is as env.py finds it: Alembic has put `prepend_sys_path` there.

    Args:
        root: The folder that commands are run in.
        script_location: The folder of env.py.
        version_files: Every migration script.
        packages: The application's packages, when what env.py imports does not tell.
        interpreters: What runs the children, for a caller that may have to break off; closing it ends the look.

    Raises:
        ProofError: a given package is nowhere, or env.py cannot be read.

    """
    root, script_location = root.resolve(), script_location.resolve()
    files = tuple(file.resolve() for file in version_files)
    migrations = tuple(dict.fromkeys((script_location, *(file.parent for file in files))))
    application = locate(root, script_location / "env.py", migrations, packages)
    env = read_env_file(script_location / "env.py", application)
    if not application.packages:
        return ApplicationEvidence(
            packages=(),
            env_file=env.file,
            absent=f"env.py imports no package under {root}. Set packages = [...] in [tool.alembic_proof]",
        )
    with contextlib.nullcontext(interpreters) if interpreters is not None else Interpreters() as running:
        return _Look(application, env, running).evidence(sorted(files))


class _Look(msgspec.Struct, frozen=True):
    """One look at an application, with the interpreters that it takes."""

    application: Application
    env: EnvFile
    interpreters: Interpreters

    def evidence(self, version_files: Sequence[Path]) -> ApplicationEvidence:
        application = self.application
        with ThreadPoolExecutor(os.cpu_count()) as pool, self.interpreters.closed_on_error():
            everything_of = pool.submit(self._import_all)
            static = self._read_graph()
            scripts = [read_script(file, application) for file in version_files]
            everything = everything_of.result()
            graph = self._join(static, everything)
            attempts = self._import_first(pool, graph, everything)
        models = Models.of(everything)
        return ApplicationEvidence(
            packages=application.packages,
            env_file=self.env.file,
            metadata_file=self.env.metadata_file,
            unlooked=tuple(
                UnlookedModule(module=name, file=application.shown(folder), reason="its folder has no __init__.py")
                for name, folder in application.unlooked.items()
            ),
            unimported=tuple(
                UnlookedModule(module=failed.module, file=application.shown_module(failed.module), reason=failed.words)
                for failed in everything.failures
            ),
            revisions=tuple(script.with_models(models) for script in scripts),
            first_imports=tuple(tell(attempt, application, graph) for attempt in attempts),
            tables=model_tables(everything, application, graph, self.env),
        )

    def _ask(self, child: str, shape: type[A], timeout_seconds: float = _ALL_TIMEOUT_SECONDS, /, **job: Any) -> Ending[A]:
        application = self.application
        return self.interpreters.ask(
            child, shape, timeout_seconds, root=application.root, path=application.path, packages=application.packages, **job
        )

    def _read_graph(self) -> Graph:
        """The imports inside packages, as they are written."""
        if set(self.application.packages) <= set(self.application.flat):
            return Graph()  # single files have no inside
        ending = self._ask("import_graph", Graph, flat=self.application.flat)
        return ending.answer or Graph(failure=ending.words)

    def _join(self, static: Graph, everything: Everything) -> ImportGraph:
        """The imports as written and as seen. When they could not be read (a file is not Python), every module is tried."""
        if static.failure is not None:
            return ImportGraph({module: frozenset() for module in self.application.modules}, is_known=False)
        return build_graph(self.application, (*static.edges, *everything.loads))

    def _import_all(self) -> Everything:
        """Import every module in one interpreter, those of env.py first: the order of production."""
        known = self.application.modules
        modules = tuple(dict.fromkeys((*(name for name in self.env.imported if name in known), *known)))
        files = [str(known[name]) for name in modules]
        ending = self._ask("import_all", Everything, modules=modules, files=files, import_seconds=IMPORT_TIMEOUT_SECONDS)
        if ending.answer is not None:
            return ending.answer
        return Everything(failures=tuple(Attempt(module=name, ended=Ended.UNTRIED, words=ending.words) for name in modules))

    def _import_first(self, pool: ThreadPoolExecutor, graph: ImportGraph, everything: Everything) -> list[Attempt]:
        """Import each module that matters first: quickly in copies of one interpreter, and what fails there in a fresh one."""
        known = {failed.module: failed for failed in everything.failures if failed.is_final}
        candidates = sorted((graph.circular() | graph.leaves()).intersection(self.application.modules))
        survivors = frozenset({everything.first}) - {None}
        if not survivors.issuperset(candidates):
            survivors |= self._import_forked(graph, everything)
        alone = pool.map(self._import_alone, (name for name in candidates if name not in survivors and name not in known))
        ended = {attempt.module: attempt for attempt in (*known.values(), *alone)}
        return [ended.get(name) or Attempt(module=name, ended=Ended.IMPORTED) for name in candidates]

    def _import_forked(self, graph: ImportGraph, everything: Everything) -> frozenset[str]:
        """The modules that could be imported first, tried in copies of one interpreter."""
        tried = frozenset(self.application.modules).difference(failed.module for failed in everything.failures)
        circular = tried & graph.circular()
        leaves = tried & graph.leaves() - circular
        settled = tried & graph.settled() - leaves
        shares = {"circular": circular, "leaves": leaves, "settled": settled, "inner": tried - leaves - settled}
        for shared in (shares, {"circular": circular | leaves}):  # the second when something imports more than is known
            with tempfile.TemporaryDirectory(prefix="alembic_proof_") as folder:
                ending = self._ask(
                    "import_forked",
                    Survivors,
                    **{name: sorted(shared.get(name, ())) for name in shares},
                    needs={module: sorted(graph.needs(module)) for module in graph.imports},
                    others=everything.others,
                    folder=folder,
                    workers=os.cpu_count() or 1,
                    import_seconds=IMPORT_TIMEOUT_SECONDS,
                )
            if ending.answer is not None and not ending.answer.is_spoilt:
                return frozenset(ending.answer.modules)
        return frozenset()

    def _import_alone(self, module: str) -> Attempt:
        ending = self._ask("import_alone", Attempt, IMPORT_TIMEOUT_SECONDS, module=module)
        return ending.answer or Attempt(module=module, ended=Ended.UNTRIED, words=ending.words)

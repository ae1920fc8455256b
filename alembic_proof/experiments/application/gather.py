"""The way in: find the application, import it in interpreters of its own, and write down what was seen."""

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic_proof.application import ApplicationEvidence, Ended, UnlookedModule
from alembic_proof.experiments.application.children.answers import Attempt, Everything, Graph, Survivors
from alembic_proof.experiments.application.cycles import tell
from alembic_proof.experiments.application.env_file import EnvFile, read_env_file
from alembic_proof.experiments.application.import_graph import ImportGraph, build_graph
from alembic_proof.experiments.application.interpreters import Interpreters
from alembic_proof.experiments.application.locate import Application, locate
from alembic_proof.experiments.application.revisions import Models, read_revision
from alembic_proof.experiments.application.tables import model_tables

IMPORT_TIMEOUT_SECONDS = 60.0
"""How long the import of one module may take. Large libraries take 20 seconds on a cold machine."""
_ALL_TIMEOUT_SECONDS = 900.0
"""How long one interpreter may be busy with many modules."""


def gather_application(
    root: Path, script_location: Path, version_files: Sequence[Path], packages: Sequence[str] = ()
) -> ApplicationEvidence:
    """Look at the application that owns the migrations. Nothing of it is imported into this process.

    Call it when `sys.path` is as env.py finds it: Alembic has put `prepend_sys_path` there.

    Args:
        root: The folder that commands are run in.
        script_location: The folder of env.py.
        version_files: Every migration script.
        packages: The application's packages, when what env.py imports does not tell.

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
    return _look(application, env, files)


def _look(application: Application, env: EnvFile, version_files: Sequence[Path]) -> ApplicationEvidence:
    with Interpreters(application.root, application.path) as interpreters, ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            everything_of = pool.submit(_import_all, interpreters, application, env)
            static = _read_graph(interpreters, application)
            everything = everything_of.result()
            graph = _join(application, static, everything)
            attempts = _import_first(interpreters, pool, application, graph, everything)
        except BaseException:
            interpreters.close()
            raise
    models = Models.of(everything)
    return ApplicationEvidence(
        packages=application.packages,
        env_file=env.file,
        metadata_file=env.metadata_file,
        unlooked=tuple(
            UnlookedModule(module=name, file=application.shown(folder), reason="its folder has no __init__.py")
            for name, folder in application.unlooked.items()
        ),
        unimported=tuple(
            UnlookedModule(
                module=failure.module, file=application.shown(application.modules[failure.module]), reason=failure.words
            )
            for failure in everything.failures
        ),
        revisions=tuple(read_revision(file, application, models) for file in sorted(version_files)),
        first_imports=tuple(tell(attempt, application, graph) for attempt in attempts),
        tables=model_tables(everything, application, graph, env),
    )


def _read_graph(interpreters: Interpreters, application: Application) -> Graph:
    """The imports inside packages, as they are written."""
    own = [package for package in application.packages if package not in application.flat]
    if not own:
        return Graph()
    ending = interpreters.ask("import_graph", Graph, _ALL_TIMEOUT_SECONDS, packages=own, flat=application.flat)
    return ending.answer or Graph(failure=ending.words)


def _join(application: Application, static: Graph, everything: Everything) -> ImportGraph:
    """The imports as written and as seen. When they could not be read (a file is not Python, for one), every module is tried."""
    if static.failure is not None:
        return ImportGraph({module: frozenset() for module in application.modules}, is_known=False)
    return build_graph(application, (*static.edges, *everything.loads))


def _import_all(interpreters: Interpreters, application: Application, env: EnvFile) -> Everything:
    """Import every module in one interpreter, those of env.py first: the order of production."""
    first = [name for name in env.imported if name in application.modules]
    modules = tuple(dict.fromkeys((*first, *application.modules)))
    ending = interpreters.ask(
        "import_all",
        Everything,
        _ALL_TIMEOUT_SECONDS,
        modules=modules,
        files=[str(application.modules[name]) for name in modules],
        packages=application.packages,
        import_seconds=IMPORT_TIMEOUT_SECONDS,
    )
    if ending.answer is not None:
        return ending.answer
    return Everything(failures=tuple(Attempt(module=name, ended=Ended.UNTRIED, words=ending.words) for name in modules))


def _import_first(
    interpreters: Interpreters,
    pool: ThreadPoolExecutor,
    application: Application,
    graph: ImportGraph,
    everything: Everything,
) -> list[Attempt]:
    """Import each module that matters first: quickly in copies of one interpreter, and what fails there in a fresh one."""
    known = {failure.module: failure for failure in everything.failures if failure.is_final}
    candidates = sorted((graph.circular() | graph.leaves()).intersection(application.modules))
    survivors = _import_forked(interpreters, application, graph, everything)
    waiting = [name for name in candidates if name not in survivors and name not in known]
    alone = pool.map(lambda name: _import_alone(interpreters, application, name), waiting)
    ended = {attempt.module: attempt for attempt in (*known.values(), *alone)}
    return [ended.get(name) or Attempt(module=name, ended=Ended.IMPORTED) for name in candidates]


def _import_forked(
    interpreters: Interpreters, application: Application, graph: ImportGraph, everything: Everything
) -> frozenset[str]:
    """The modules that could be imported first, tried in copies of one interpreter."""
    tried = frozenset(application.modules).difference(failure.module for failure in everything.failures)
    circular = tried & graph.circular()
    leaves = tried & graph.leaves() - circular
    settled = tried & graph.settled() - leaves
    shares = {"circular": circular, "leaves": leaves, "settled": settled, "inner": tried - leaves - settled}
    for shared in (shares, {"circular": circular | leaves}):  # the second when something imports more than is known
        with tempfile.TemporaryDirectory(prefix="alembic-proof-") as folder:
            ending = interpreters.ask(
                "import_forked",
                Survivors,
                _ALL_TIMEOUT_SECONDS,
                **{name: sorted(shared.get(name, ())) for name in shares},
                needs={module: sorted(graph.needs(module)) for module in graph.imports},
                packages=application.packages,
                others=everything.others,
                folder=folder,
                workers=os.cpu_count() or 1,
                import_seconds=IMPORT_TIMEOUT_SECONDS,
            )
        if ending.answer is not None and not ending.answer.is_spoilt:
            return frozenset(ending.answer.modules)
    return frozenset()


def _import_alone(interpreters: Interpreters, application: Application, module: str) -> Attempt:
    ending = interpreters.ask("import_alone", Attempt, IMPORT_TIMEOUT_SECONDS, module=module, packages=application.packages)
    return ending.answer or Attempt(module=module, ended=Ended.UNTRIED, words=ending.words)

"""The user's env.py, borrowed: executed unmodified, once per scratch database, while we take every step inside it.

This room alone touches private names of Alembic (1.13 to 1.20) and SQLAlchemy (2.0, 2.1); each use says why.
"""

import ast
import importlib
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionMap
from alembic.util import CommandError
from msgspec.structs import replace
from sqlalchemy import Connection, MetaData, create_engine

from alembic_proof.errors import ProofError
from alembic_proof.history import History, read_history
from alembic_proof.migrate.redirect import FirstConnection, Redirect
from alembic_proof.migrate.target import NaturalDialect, Target, env_py_mentions
from alembic_proof.project import Project, put_root_on_path
from alembic_proof.stated import Stated, stated_in


class EnvPyError(ProofError):
    """env.py failed before any migration ran."""


class Captured(msgspec.Struct):
    """What env.py gave to Alembic. `ended_by` is what it raised after the function had been called and had raised nothing.

    `others` are the values of a mapping that it calls target_metadata: one for each of its databases.
    """

    options: dict[str, Any] = msgspec.field(default_factory=dict)
    run_arguments: Mapping[str, Any] = msgspec.field(default_factory=dict)
    was_called: bool = False
    has_finished: bool = False
    error: BaseException | None = None
    ended_by: BaseException | None = None
    others: tuple[MetaData, ...] = ()

    @property
    def registered(self) -> tuple[MetaData, ...]:
        """All that env.py knows of: also what it keeps for the other databases of a project that has several."""
        return (*self.metadata, *(one for one in self.others if one not in self.metadata))

    @property
    def metadata(self) -> tuple[MetaData, ...]:
        given = self.options.get("target_metadata")
        if given is None:
            return ()
        return (given,) if isinstance(given, MetaData) else tuple(given)


MigrationsFunction = Callable[[tuple[str, ...], MigrationContext, Captured], Any]
"""What is called inside env.py with the version table's heads, the context and what env.py gave. It returns the steps that
Alembic itself shall take."""


def load_history(project: Project, look: Callable[[bytes], Stated] = stated_in) -> History:
    """Read the revision graph, in the order of `alembic upgrade heads` when it is sound. `look` reads a file's text.

    Raises:
        ProofError: env.py or a revision file cannot be read, a revision file cannot be imported or has no revision id.

    """
    put_root_on_path(project)
    with warnings.catch_warnings(action="ignore"):  # of keys that the project's alembic.ini lacks: not ours to tell
        _require_env_py(project)
    scripts = _load_scripts(project)
    history = read_history(scripts, project.root, look)
    if history.problems:
        return history
    try:
        with warnings.catch_warnings(action="ignore"):
            order = [script.revision for script in project.scripts.walk_revisions("base", "heads")][::-1]
    except CommandError as error:
        raise ProofError(f"Cannot read the history: {error}. Mend the revision files.") from error
    return replace(history, revisions=tuple(history[revision] for revision in order))


def _require_env_py(project: Project) -> None:
    shown = project.shown(project.env_py)
    try:
        ast.parse(project.env_py.read_bytes())
    except FileNotFoundError as error:
        raise ProofError(f"Cannot read {shown}: there is no such file. Let script_location name its folder.") from error
    except SyntaxError as error:
        raise ProofError(f"Cannot read {shown}:{error.lineno}: {error.msg}. Mend the file.") from error


def _load_scripts(project: Project) -> list[Script]:
    found: list[Script] = []
    with warnings.catch_warnings(
        action="ignore"
    ):  # of keys that the project's alembic.ini lacks: not ours to tell, nor to stop at
        directory = project.scripts
    try:
        # What revision files print when they are imported stays out of our report, and they reach no database.
        with redirect_stdout(sys.stderr), Redirect.to_nowhere():
            # Private: the one way to see the scripts of a graph that RevisionMap refuses. Until Alembic has a public one.
            found.extend(directory._load_revisions())
        directory.revision_map = RevisionMap(lambda: found)  # it would import every file a second time
    except SyntaxError as error:
        where = f"{project.shown(error.filename or '')}:{error.lineno}"
        raise ProofError(f"Cannot read {where}: {error.msg}. Mend the revision file.") from error
    except CommandError as error:
        raise ProofError(f"Cannot read the history: {str(error).strip()}") from error
    except FirstConnection as error:
        where = last_frame_below(error, project.root) or project.shown(directory.dir)
        raise ProofError(
            f"Cannot import {where}: it connects to a database ({error}) when it is imported. Let it connect when it is called."
        ) from error
    except (Exception, SystemExit) as error:
        where = last_frame_below(error, project.root) or project.shown(directory.dir)
        raise ProofError(f"Cannot import {where}: {type(error).__name__}: {error}. Mend the revision file.") from error
    return found


def upgrade_steps(directory: ScriptDirectory, heads: tuple[str, ...]) -> Iterator[RevisionStep]:
    """Name the steps that `alembic upgrade heads` takes from where a database stands."""
    # Private: alembic.command.upgrade() itself calls it; there is no public way to the steps. Until there is one.
    return iter(directory._upgrade_revs("heads", heads))  # type: ignore[arg-type]  # it takes any tuple, as in command.py


def natural_dialect(project: Project) -> NaturalDialect | None:
    """Say what the project connects with by itself: env.py runs until it opens its first connection, which is not opened.

    None when it does not get that far: it may wait for a URL that only a deployment has.
    """
    environment = EnvironmentContext(project.alembic_config(), project.scripts, fn=lambda _heads, _context: [])
    try:
        with _around(project), Redirect.to_nowhere(), environment:
            project.scripts.run_env()
    except FirstConnection as first:
        return NaturalDialect(first.dialect.name, first.dialect.driver, first.dialect.is_async)
    except (Exception, SystemExit):  # whatever an env.py raises where no database waits for it
        return None
    return None


def offline_mode_of(project: Project, target: Target) -> str | None:
    """Say why the project has no `--sql` mode; None when env.py gets as far as running migrations in it.

    Only what a deployment sets is set here (variables, `-x`), not `sqlalchemy.url`: a project that names no URL has no such mode.
    One that opens files of its own for its SQL, as Alembic's template for several databases does, would overwrite them: it is
    not executed.
    """
    if env_py_mentions(project, "output_buffer"):
        return f"{project.shown(project.env_py)} writes its SQL into files of its own (output_buffer)"
    config = project.alembic_config(x=target.x)
    reached: list[bool] = []

    def reach(_heads: tuple[str, ...], _context: MigrationContext) -> tuple[()]:
        reached.append(True)
        return ()

    options = {"as_sql": True, "output_buffer": StringIO(), "starting_rev": None, "destination_rev": "heads"}
    environment = EnvironmentContext(config, project.scripts, fn=reach, **options)
    try:
        with target.in_environment(), _around(project), Redirect.to_nowhere(), environment:
            project.scripts.run_env()
    except (Exception, SystemExit, FirstConnection) as error:
        if not reached:
            words = "it connects to a database" if isinstance(error, FirstConnection) else f"{type(error).__name__}: {error}"
            return f"{project.shown(project.env_py)} has no offline mode: {words.strip().splitlines()[0]}"
    return None if reached else f"{project.shown(project.env_py)} has no offline mode: it runs no migrations in it"


def run_env_py(project: Project, target: Target, function: MigrationsFunction, **options: Any) -> Captured:
    """Execute env.py against a scratch database, with `function` in the place of Alembic's own command.

    Raises:
        EnvPyError: env.py failed before it called `function`, or never called it.
        ProofError: it asked for a connection to something else, or runs migrations more than once.

    """
    try:
        return _run_once(project, target, function, options, attributes={})
    except EnvPyError:
        if not env_py_mentions(project, "attributes"):
            raise
    engine = create_engine(target.own_url)
    with Redirect.to(target.url), engine.connect() as connection:
        return _run_once(project, target, function, options, attributes={"connection": connection})


def _run_once(
    project: Project,
    target: Target,
    function: MigrationsFunction,
    options: Mapping[str, Any],
    *,
    attributes: Mapping[str, Connection],
) -> Captured:
    captured = Captured()
    config = project.alembic_config(target.url, target.x)
    config.attributes.update(attributes)
    environment = EnvironmentContext(config, project.scripts, fn=_noting(captured, function, project.env_py), **options)
    run_migrations = environment.run_migrations

    def run_and_note(**arguments: Any) -> None:
        captured.run_arguments = arguments
        run_migrations(**arguments)

    # An instance's attribute goes before its class's method where Alembic hands the context to env.py (util.ModuleClsProxy).
    setattr(environment, "run_migrations", run_and_note)  # noqa: B010 - assigning it is an error to mypy
    redirect = Redirect.to(target.url)
    try:
        with target.in_environment(), _around(project), redirect, environment:
            project.scripts.run_env()
    except ProofError:
        raise
    except (Exception, SystemExit) as error:
        if captured.error is None and not captured.has_finished:
            raise _env_py_error(project, error) from error
        captured.ended_by = None if isinstance(error, SystemExit) and not error.code else error
    if captured.error is not None:
        raise captured.error
    if redirect.refused and not captured.was_called:
        raise _refused(project, target, redirect)
    if not captured.was_called:
        raise EnvPyError(
            f"Cannot run migrations: {project.shown(project.env_py)} ended without calling context.run_migrations(). "
            "Let it call it, or raise what went wrong."
        )
    return captured


def _others_of(env_py: Path) -> tuple[MetaData, ...]:
    """Read the mapping of Alembic's template for several databases from env.py, which is being executed further up this stack."""
    frame = sys._getframe()
    while frame.f_back is not None and Path(frame.f_code.co_filename) != env_py:
        frame = frame.f_back
    given = frame.f_globals.get("target_metadata")
    return tuple(one for one in given.values() if isinstance(one, MetaData)) if isinstance(given, Mapping) else ()


def _noting(captured: Captured, function: MigrationsFunction, env_py: Path) -> Callable[[tuple[str, ...], MigrationContext], Any]:
    def noting(heads: tuple[str, ...], context: MigrationContext) -> Any:
        if captured.was_called:
            captured.error = ProofError(
                "Cannot prove this project: env.py runs its migrations more than once (on several databases). "
                "Give -c an alembic.ini for one of them."
            )
            return []
        captured.was_called = True
        captured.options = context.opts
        captured.others = _others_of(env_py)
        try:
            steps = function(heads, context, captured)
        except BaseException as error:
            captured.error = error
            raise
        captured.has_finished = True
        return steps

    return noting


def _refused(project: Project, target: Target, redirect: Redirect) -> ProofError:
    return ProofError(
        f"Cannot prove on {target.url.get_backend_name()}: {project.shown(project.env_py)} connects to "
        f"{' and '.join(dict.fromkeys(redirect.refused))} whatever it is told. Let it take its URL from sqlalchemy.url, or name "
        "the variable that holds it in [tool.alembic_proof.environment]."
    )


def _env_py_error(project: Project, error: BaseException) -> EnvPyError:
    where = last_frame_below(error, project.root) or project.shown(project.env_py)
    words = f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
    return EnvPyError(f"Cannot run {where}: {words}. {_advice(error)}")


def _advice(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"Install {error.name} where alembic-proof runs, or put its folder on prepend_sys_path."
    if "application context" in str(error):
        return 'Name a context manager that enters one: around = "module:function" in [tool.alembic_proof].'
    if isinstance(error, KeyError):
        return 'Set it, or give it a value for the proof in [tool.alembic_proof.environment]; "{url}" stands for the database.'
    return "Mend it until `alembic upgrade head` runs, or set what it needs in [tool.alembic_proof]."


def _around(project: Project) -> AbstractContextManager[Any]:
    named = project.settings.around
    if named is None:
        return nullcontext()
    manager = load_object(named, setting="around")()
    if not isinstance(manager, AbstractContextManager):
        raise ProofError(f'Cannot use around = "{named}": calling it gives no context manager. Decorate it with @contextmanager.')
    return manager


def load_object(named: str, *, setting: str) -> Callable[..., Any]:
    """Import what a setting names as "module:function".

    Raises:
        ProofError: it has another form, or there is no such module or function.

    """
    module, colon, name = named.partition(":")
    try:
        loaded = getattr(importlib.import_module(module), name) if colon else None
    except (ImportError, AttributeError) as error:
        raise ProofError(f'Cannot use {setting} = "{named}": {error}. Write it as "module:function".') from error
    if not callable(loaded):
        raise ProofError(f'Cannot use {setting} = "{named}": it names no function. Write it as "module:function".')
    return loaded  # type: ignore[no-any-return]  # getattr gives Any


def last_frame_below(error: BaseException, folder: Path) -> str | None:
    """The place in the project where an exception came from, as file:line relative to the folder."""
    places: Iterator[traceback.FrameSummary] = reversed(traceback.extract_tb(error.__traceback__))
    for frame in places:
        path = Path(frame.filename)
        if path.is_relative_to(folder) and "site-packages" not in path.parts:
            return f"{path.relative_to(folder).as_posix()}:{frame.lineno}"
    return None

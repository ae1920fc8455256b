"""The pytest door: one item for each database, revision and check, and the fixtures. The only module that imports pytest.

pytest loads it in every session of every project that has the package: what only --proof or a fixture needs is imported there.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from alembic_proof.errors import ProofError

if TYPE_CHECKING:
    from alembic_proof.items import PlannedItem
    from alembic_proof.migration import Laboratory, Migration
    from alembic_proof.project import Project
    from alembic_proof.recorder import Recorder
    from alembic_proof.reports.store import Proof

_SHARED = "alembic_proof_folder"
_NODES = ("migrations::", "migrations[")
_CHOSEN = pytest.StashKey[list[str]]()
_PROJECT = pytest.StashKey["Project"]()
_DATABASES = pytest.StashKey[dict[str, str]]()
_PROOF = pytest.StashKey["Proof"]()
_FOLDER = pytest.StashKey[TemporaryDirectory[str]]()
_RECORDER = pytest.StashKey["Recorder"]()
_TOLD = pytest.StashKey[str]()
_PART = "alembic_proof_part"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and of the ini file."""
    group = parser.getgroup("alembic-proof", "alembic-proof: prove the project's migrations")
    group.addoption("--proof", action="store_true", help="add one item for each database, revision and check")
    group.addoption(
        "--proof-on", action="append", metavar="NAME_OR_URL", help="where to prove and where the fixtures run; repeatable"
    )
    group.addoption("--proof-strict", action="store_true", help="fail the items that are not proved instead of skipping them")
    group.addoption("--proof-cache", metavar="DIR", type=Path, help="where evidence is kept; default: .alembic_proof")
    group.addoption("--no-proof-cache", action="store_true", help="run everything, and keep nothing")
    group.addoption("--proof-record", action="store_true", help="record what the tests send to the database, for AP601")
    group.addoption("--proof-record-to", metavar="FILE", type=Path, help="record, into another file than that of the settings")
    parser.addini("proof", "add one item for each database, revision and check, as --proof does", type="bool", default=False)
    parser.addini("proof_on", "where to prove and where the fixtures run, as --proof-on does", type="args", default=[])
    parser.addini("proof_config", "the alembic.ini, relative to the root directory", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Take the items' node ids out of the command line: they name no file for pytest to look for."""
    chosen = [argument for argument in config.args if argument.startswith(_NODES)]
    if chosen:
        config.stash[_CHOSEN] = chosen
        config.args[:] = [argument for argument in config.args if argument not in chosen]
    config.addinivalue_line("markers", "proof_unrecorded: what this test sends is not the application's: it is not recorded")
    if config.getoption("--proof-record") or config.getoption("--proof-record-to"):
        from alembic_proof.recorder import Recorder

        recorder = config.stash[_RECORDER] = Recorder()
        recorder.left_out = sum("::" in argument for argument in config.args)
        recorder.listen()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the items before -k, -m, --deselect and --last-failed choose among them."""
    chosen = config.stash.get(_CHOSEN, [])
    if not (chosen or _is_on(config)):
        return
    try:
        with _unseen():
            ours: list[pytest.Item] = [*_chosen(list(_proof_items(session, config)), chosen)]
    except ProofError as error:
        ours = [SetUpItem.from_parent(session, name="set-up", nodeid="migrations::set-up", error=error)]
    items.extend(ours)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses a fixture of ours on every configured database."""
    if "_proof_database" in metafunc.fixturenames:
        try:
            with _unseen():
                names = _databases(metafunc.config)
        except ProofError as error:
            raise pytest.Collector.CollectError(f"alembic-proof: {error}") from error
        metafunc.parametrize("_proof_database", list(names), scope="session", indirect=True)


@pytest.fixture(scope="session")
def _proof_database(request: pytest.FixtureRequest) -> Iterator["Laboratory"]:
    from alembic_proof.databases.scratch import Unavailable
    from alembic_proof.migration import Laboratory

    name = getattr(request, "param", None)
    if name is None:
        pytest.fail(
            "alembic-proof: Cannot tell on which database this test runs: the fixture was not in its arguments. Name it there, "
            "in a function's or a plain class's test, instead of getfixturevalue or unittest.TestCase.",
            pytrace=False,
        )
    with _unseen():
        try:
            laboratory = Laboratory(_project(request.config), _databases(request.config)[name])
        except Unavailable as why:
            _not_proved(request.config, str(why))
        except ProofError as error:
            pytest.fail(f"alembic-proof: {error}", pytrace=False)
    try:
        yield laboratory
    finally:
        laboratory.close()


@pytest.fixture
def migration(_proof_database: "Laboratory", request: pytest.FixtureRequest) -> Iterator["Migration"]:
    """An empty scratch database at the base, on every configured database: move it with up_before, up_one, down_one."""
    if (recorder := _recorder(request.config)) is not None:
        recorder.listen(wanted=False)  # such a test speaks to schemas of earlier days
    with _proof_database.migration() as one:
        yield one


@pytest.fixture
def migrated_database(_proof_database: "Laboratory") -> Iterator["Migration"]:
    """A scratch database of the test's own at the head, made by the migrations, on every configured database."""
    with _proof_database.migrated_database() as one:
        yield one


class Migrations(pytest.Collector):
    """A group of items: a database, or a revision on it."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """Nothing: the items are made all at once, with their groups."""
        return []


class ProofItem(pytest.Item):
    """What one check says of one revision on one database."""

    def __init__(self, *, planned: "PlannedItem", **rest: Any) -> None:
        super().__init__(**rest)
        self.planned = planned

    def runtest(self) -> None:
        """Look up what the run found; it takes place once for each session, when its first item is run."""
        from alembic_proof.items import say

        said = say(_proof(self.session), self.planned)
        if said.broken is not None:
            raise BrokenError(said.broken)
        for words in said.warnings + said.notes:
            self.add_report_section("call", "alembic-proof", words)
        with warnings.catch_warnings(action="always"):  # severity is a setting of ours: a filter on errors does not raise it
            for words in said.warnings:
                self.warn(pytest.PytestWarning(words))
        if said.not_proved is not None:
            _not_proved(self.config, said.not_proved)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a finding as the command line does, and a wrong set-up in one line."""
        if isinstance(excinfo.value, BrokenError):
            return str(excinfo.value)
        if isinstance(excinfo.value, ProofError):
            return f"alembic-proof: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item as it is selected; it stands where the revision's upgrade() does."""
        return self.path, self.planned.line - 1, self.nodeid


class SetUpItem(pytest.Item):
    """Stands for all items when they cannot be made: it says why."""

    def __init__(self, *, error: ProofError, **rest: Any) -> None:
        super().__init__(**rest)
        self.error = error

    def runtest(self) -> None:
        """Fail."""
        pytest.fail(f"alembic-proof: {self.error}", pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item as it is selected."""
        return self.path, 0, self.nodeid


class BrokenError(Exception):
    """What a check found broken."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give every worker of pytest-xdist one folder: the first that needs the report leaves it there for the others."""
    if _is_on(node.config) or _CHOSEN in node.config.stash:
        stash = node.config.stash
        if _FOLDER not in stash:
            stash[_FOLDER] = TemporaryDirectory(prefix="alembic-proof-")
        node.workerinput[_SHARED] = stash[_FOLDER].name


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Listen to this test, unless it says that it does not speak as the application does."""
    if (recorder := _recorder(item.config)) is not None:
        recorder.listen(wanted=item.get_closest_marker("proof_unrecorded") is None)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what is left out of a recording."""
    if items and (recorder := _recorder(items[0].config)) is not None:
        recorder.left_out += len(items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist heard."""
    if (recorder := _recorder(node.config)) is not None and _PART in getattr(node, "workeroutput", {}):
        recorder.add(node.workeroutput[_PART])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the recording of a session that passed; a worker of pytest-xdist hands its part over."""
    config = session.config
    if (recorder := _recorder(config)) is None or config.getoption("collectonly"):
        return
    recorder.listen(wanted=False)
    if hasattr(config, "workeroutput"):
        config.workeroutput[_PART] = recorder.part()
    elif exitstatus != pytest.ExitCode.OK:
        config.stash[_TOLD] = "nothing is recorded: what is missing after a test that failed, or did not run, is not known"
    else:
        try:
            with _unseen():
                config.stash[_TOLD] = recorder.write(_project(config), config.getoption("--proof-record-to"))
        except ProofError as error:
            config.stash[_TOLD] = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what became of a recording, and what is accepted for nothing. On GitHub, write annotations and the step summary too."""
    if _TOLD in config.stash:
        terminalreporter.ensure_newline()
        terminalreporter.line(f"alembic-proof: {config.stash[_TOLD]}")
    is_worker = hasattr(config, "workerinput")  # of pytest-xdist: the session that started it tells
    if is_worker or not (_PROOF in config.stash or _FOLDER in config.stash):
        return
    from alembic_proof.reports.store import kept_proof

    proof = config.stash.get(_PROOF, None) or kept_proof(Path(config.stash[_FOLDER].name))
    if proof is None or proof.report is None:
        return
    from alembic_proof.items import annotate_on_github, unused_acceptances

    terminalreporter.ensure_newline()
    terminalreporter.write(unused_acceptances(proof.report))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        terminalreporter.write(annotate_on_github(proof.report, _project(config).root, os.environ))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the shared folder, and hear no more."""
    if (recorder := _recorder(config)) is not None:
        recorder.listen(wanted=False)
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        folder.cleanup()


def _recorder(config: pytest.Config) -> "Recorder | None":
    return config.stash.get(_RECORDER, None)


def _is_on(config: pytest.Config) -> bool:
    return bool(config.getoption("--proof") or config.getini("proof"))


def _chosen(items: list[ProofItem], wanted: list[str]) -> list[ProofItem]:
    """Keep the items that the command line names, or the groups of items; all when it names none."""
    for one in wanted:
        if not any(f"{item.nodeid}::".startswith(f"{one}::") for item in items):
            raise ProofError(f"Cannot select {one}: there is no such item. List them with --proof --collect-only -q.")
    return [item for item in items if not wanted or any(f"{item.nodeid}::".startswith(f"{one}::") for one in wanted)]


def _not_proved(config: pytest.Config, reason: str) -> NoReturn:
    """Skip the item or test, or fail it where all has to be proved."""
    if config.getoption("--proof-strict"):
        pytest.fail(f"not proved: {reason}", pytrace=False)
    # pytest's own way of skipping by mark: the skip is told at the item's place, not at ours
    raise pytest.skip.Exception(f"not proved: {reason}", _use_item_location=True)


@contextmanager
def _unseen() -> Iterator[None]:
    """Load revisions without leaving a trace: their warnings are no test's, and their folders on sys.path no test's either."""
    before = sys.path[:]
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        sys.path[:] = before


def _proof(session: pytest.Session) -> "Proof":
    """What the one run came to that serves all selected items."""
    from alembic_proof.items import join
    from alembic_proof.reports.store import proof_in_parts

    stash = session.config.stash
    if _PROOF not in stash:
        folder = getattr(session.config, "workerinput", {}).get(_SHARED)
        count = _parts(session) if folder else 1
        stash[_PROOF] = proof_in_parts(Path(folder) if folder else None, count, partial(_prove, session, count), join)
    return stash[_PROOF]


def _parts(session: pytest.Session) -> int:
    """In how many parts the workers of pytest-xdist prove the history together."""
    from alembic_proof.items import parts_for

    with _unseen():
        try:
            return parts_for(_project(session.config), _asked(session)[0], int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
        except ProofError:
            return 1  # it is told by the proof itself


def _prove(session: pytest.Session, count: int, number: int) -> "Proof":
    from alembic_proof.items import prove, store_for
    from alembic_proof.shards import Shard

    databases, checks = _asked(session)
    config = session.config
    with _unseen():
        project = _project(config)
        store = (
            None if config.getoption("--no-proof-cache") else store_for(project, config.getoption("--proof-cache"), os.environ)
        )
        return prove(project, databases, checks, Shard(number, count) if count > 1 else None, store)


def _asked(session: pytest.Session) -> tuple[list[str], list[str]]:
    """The databases and the checks that the selected items ask for."""
    planned = [item.planned for item in session.items if isinstance(item, ProofItem)]
    given = _databases(session.config)
    databases = dict.fromkeys(given[item.database] for item in planned if item.database)
    return list(databases), list(dict.fromkeys(item.check for item in planned))


def _proof_items(session: pytest.Session, config: pytest.Config) -> Iterator[ProofItem]:
    from alembic_proof.items import plan_items

    groups: dict[tuple[str, ...], Migrations] = {}
    for planned in plan_items(_project(config), list(_databases(config))):
        parent = _group(session, groups, planned.groups, planned.path)
        nodeid = f"{parent.nodeid}::{planned.check}"
        yield ProofItem.from_parent(parent, name=planned.check, nodeid=nodeid, path=planned.path, planned=planned)


def _group(session: pytest.Session, groups: dict[tuple[str, ...], Migrations], names: tuple[str, ...], path: Path) -> Migrations:
    """Make a group of items, or find the one made before."""
    if names not in groups:
        parent = _group(session, groups, names[:-1], path) if names[:-1] else session
        groups[names] = Migrations.from_parent(parent, name=names[-1], nodeid="::".join(names), path=path)
    return groups[names]


def _project(config: pytest.Config) -> "Project":
    from alembic_proof.project import find_project

    if _PROJECT not in config.stash:
        named = config.getini("proof_config")
        config.stash[_PROJECT] = find_project(config.rootpath / named if named else None, root=config.rootpath)
    return config.stash[_PROJECT]


def _databases(config: pytest.Config) -> dict[str, str]:
    """Where to prove, by the name that may be shown: as the options, the ini file, the settings or the project itself say."""
    if _DATABASES not in config.stash:
        from alembic_proof.items import shown_name
        from alembic_proof.workers import natural_database

        project = _project(config)
        named = config.getoption("--proof-on") or config.getini("proof_on") or project.settings.databases
        config.stash[_DATABASES] = {shown_name(name): name for name in named or (natural_database(project),)}
    return config.stash[_DATABASES]

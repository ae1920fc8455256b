"""The pytest door: one item for each database, revision and check, and the fixtures. The only module that imports pytest.

pytest loads it in every session of every project that has the package: what only --proof or a fixture needs is imported there.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from alembic_proof.errors import ProofError

if TYPE_CHECKING:
    from alembic_proof.findings import Finding, Verdict
    from alembic_proof.migration import Laboratory, Migration
    from alembic_proof.project import Project
    from alembic_proof.reports.store import Proof

_SHARED = "alembic_proof_folder"
_NODES = ("migrations::", "migrations[")
_CHOSEN = pytest.StashKey[list[str]]()
_PROJECT = pytest.StashKey["Project"]()
_DATABASES = pytest.StashKey[dict[str, str]]()
_PROOF = pytest.StashKey["Proof"]()
_FOLDER = pytest.StashKey[TemporaryDirectory[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and of the ini file."""
    group = parser.getgroup("alembic-proof", "alembic-proof: prove the project's migrations")
    group.addoption("--proof", action="store_true", help="add one item for each database, revision and check")
    group.addoption(
        "--proof-on", action="append", metavar="NAME_OR_URL", help="where to prove and where the fixtures run; repeatable"
    )
    group.addoption("--proof-strict", action="store_true", help="fail the items that are not proved instead of skipping them")
    parser.addini("proof", "add one item for each database, revision and check, as --proof does", type="bool", default=False)
    parser.addini("proof_on", "where to prove and where the fixtures run, as --proof-on does", type="args", default=[])
    parser.addini("proof_config", "the alembic.ini, relative to the root directory", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Take the items' node ids out of the command line: they name no file for pytest to look for."""
    chosen = [argument for argument in config.args if argument.startswith(_NODES)]
    if chosen:
        config.stash[_CHOSEN] = chosen
        config.args[:] = [argument for argument in config.args if argument not in chosen]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the items before -k, -m, --deselect and --last-failed choose among them."""
    chosen = config.stash.get(_CHOSEN, [])
    if not (chosen or _is_on(config)):
        return
    try:
        with _unseen():
            ours = list(_proof_items(session, config))
    except ProofError as error:
        ours = [SetUpItem.from_parent(_group(session, "migrations"), name="set-up", nodeid="migrations::set-up", error=error)]
    else:
        for wanted in chosen:
            if not any(_is_below(item.nodeid, wanted) for item in ours):
                raise pytest.UsageError(f"alembic-proof: there is no item {wanted}. List them with --proof --collect-only -q.")
        if chosen:
            ours = [item for item in ours if any(_is_below(item.nodeid, wanted) for wanted in chosen)]
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
def migration(_proof_database: "Laboratory") -> Iterator["Migration"]:
    """An empty scratch database at the base, on every configured database: move it with up_before, up_one, down_one."""
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

    def __init__(self, *, check: str, database: str | None, revision: str | None, line: int = 1, **rest: Any) -> None:
        super().__init__(**rest)
        self.check, self.database, self.revision, self.line = check, database, revision, line

    def runtest(self) -> None:
        """Look up what the run found; it takes place once for each session, when its first item is run."""
        from alembic_proof.findings import Outcome, Severity
        from alembic_proof.reports.text import render_findings

        proof = _proof(self.session)
        report = proof.judged()
        findings = [finding for finding in report.findings if self._is_meant(finding)]
        if any(finding.severity is Severity.ERROR for finding in findings):
            raise BrokenError(render_findings(findings))
        for finding in findings:
            self._mention(render_findings([finding]), is_note=finding.severity is Severity.NOTE)
        verdicts = [verdict for verdict in report.outcomes if self._is_meant(verdict)]
        held = {Outcome.PROVED, Outcome.ACCEPTED}
        if not findings and not any(verdict.outcome in held for verdict in verdicts):
            reason = next((verdict.reason for verdict in verdicts if verdict.reason), proof.error)
            _not_proved(self.config, reason or "nothing was seen of it")

    def _is_meant(self, about: "Finding | Verdict") -> bool:
        """Say whether a judgement is on what the item is on, on a part of it or on all of it."""
        return about.check == self.check and all(
            mine is None or its is None or mine == its
            for mine, its in ((self.database, about.database), (self.revision, about.revision))
        )

    def _mention(self, words: str, *, is_note: bool) -> None:
        self.add_report_section("call", "alembic-proof", words)
        if not is_note:
            with warnings.catch_warnings(action="always"):  # severity is a setting of ours; an error filter does not raise it
                self.warn(pytest.PytestWarning(words))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a finding as the command line does, and a wrong set-up in one line."""
        if isinstance(excinfo.value, BrokenError):
            return str(excinfo.value)
        if isinstance(excinfo.value, ProofError):
            return f"alembic-proof: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item as it is selected; it stands where the revision's upgrade() does."""
        return self.path, self.line - 1, self.nodeid


class SetUpItem(ProofItem):
    """Stands for all items when they cannot be made: it says why."""

    def __init__(self, *, error: ProofError, **rest: Any) -> None:
        super().__init__(check="set-up", database=None, revision=None, **rest)
        self.error = error

    def runtest(self) -> None:
        raise self.error


class BrokenError(Exception):
    """What a check found broken."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give every worker of pytest-xdist one folder: the first that needs the report leaves it there for the others."""
    if _is_on(node.config) or _CHOSEN in node.config.stash:
        folder = node.config.stash.setdefault(_FOLDER, TemporaryDirectory(prefix="alembic-proof-"))
        node.workerinput[_SHARED] = folder.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the shared folder."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        folder.cleanup()


def _is_on(config: pytest.Config) -> bool:
    return bool(config.getoption("--proof") or config.getini("proof"))


def _is_below(nodeid: str, wanted: str) -> bool:
    return nodeid == wanted or nodeid.startswith(f"{wanted}::")


def _not_proved(config: pytest.Config, reason: str) -> None:
    """Skip the item or test, or fail it where all has to be proved."""
    if config.getoption("--proof-strict"):
        pytest.fail(f"not proved: {reason}", pytrace=False)
    # pytest's own way of skipping by mark: the skip is told at the item's place, not at ours
    raise pytest.skip.Exception(f"not proved: {reason}", _use_item_location=True)


@contextmanager
def _unseen() -> Iterator[None]:
    """Load revisions without leaving a trace: their warnings are no test's, and their folders on sys.path no test's either."""
    import sys

    before = sys.path[:]
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        sys.path[:] = before


def _proof(session: pytest.Session) -> "Proof":
    """What the one run came to that serves all selected items."""
    from alembic_proof.reports.store import proof_once

    stash = session.config.stash
    if _PROOF not in stash:
        folder = getattr(session.config, "workerinput", {}).get(_SHARED)
        stash[_PROOF] = proof_once(Path(folder) if folder else None, lambda: _prove(session))
    return stash[_PROOF]


def _prove(session: pytest.Session) -> "Proof":
    from alembic_proof.reports.store import Proof
    from alembic_proof.verify import GraphError, Request, verify

    items = [item for item in session.items if isinstance(item, ProofItem)]
    urls = _databases(session.config)
    with _unseen():
        request = Request(
            project=_project(session.config),
            databases=tuple(dict.fromkeys(urls[item.database] for item in items if item.database)),
            checks=tuple(dict.fromkeys(item.check for item in items)),
        )
        try:
            return Proof(verify(request))
        except GraphError as error:
            return Proof(error.report, str(error))
        except ProofError as error:
            return Proof(None, str(error))


def _proof_items(session: pytest.Session, config: pytest.Config) -> Iterator[ProofItem]:
    from alembic_proof.checks.registry import ALL_CHECKS, Scope
    from alembic_proof.migrate.host import load_history

    project = _project(config)
    history = load_history(project)
    of = {scope: [check.rule.slug for check in ALL_CHECKS if check.scope is scope] for scope in Scope}
    whole = _group(session, "migrations", path=project.config_file)
    yield from (_item(whole, check) for check in of[Scope.PROJECT])
    for database in _databases(config):
        on_database = _group(session, f"migrations[{database}]", path=project.config_file)
        for revision in () if history.problems else history.revisions:
            group = _group(on_database, Path(revision.file).stem, path=project.root / revision.file)
            about = {"database": database, "revision": revision.id, "line": revision.upgrade_line or 1}
            yield from (_item(group, check, **about) for check in of[Scope.REVISION])
        yield from (_item(on_database, check, database=database) for check in of[Scope.DATABASE])


def _group(parent: Any, name: str, path: Path | None = None) -> Migrations:
    own = name if isinstance(parent, pytest.Session) else f"{parent.nodeid}::{name}"
    return Migrations.from_parent(parent, name=name, nodeid=own, path=path or parent.path)


def _item(parent: Migrations, check: str, database: str | None = None, revision: str | None = None, line: int = 1) -> ProofItem:
    nodeid = f"{parent.nodeid}::{check}"
    return ProofItem.from_parent(
        parent, name=check, nodeid=nodeid, check=check, database=database, revision=revision, line=line
    )


def _project(config: pytest.Config) -> "Project":
    from alembic_proof.project import find_project

    if _PROJECT not in config.stash:
        named = config.getini("proof_config")
        config.stash[_PROJECT] = find_project(config.rootpath / named if named else None, root=config.rootpath)
    return config.stash[_PROJECT]


def _databases(config: pytest.Config) -> dict[str, str]:
    """Where to prove, by the name that may be shown: as the options, the ini file or the settings say, else as the project does."""
    if _DATABASES not in config.stash:
        from alembic_proof.workers import natural_database

        project = _project(config)
        named = config.getoption("--proof-on") or config.getini("proof_on") or project.settings.databases
        config.stash[_DATABASES] = {_shown(name): name for name in named or (natural_database(project),)}
    return config.stash[_DATABASES]


def _shown(name: str) -> str:
    from sqlalchemy import make_url

    from alembic_proof.databases.opening import kind_of
    from alembic_proof.databases.urls import without_password

    kind_of(name)  # an unknown name is an error before anything runs
    return without_password(make_url(name)) if "://" in name else name

"""The pytest door: one item for each database, revision and check, and the fixtures. The only module that imports pytest."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from alembic_proof.errors import ProofError

_SHARED = "alembic_proof_folder"
_PROJECT = pytest.StashKey[Any]()
_REPORT = pytest.StashKey[Any]()
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the items before -k and -m choose among them."""
    if config.getoption("--proof") or config.getini("proof"):
        try:
            items.extend(_proof_items(session, config))
        except ProofError as error:
            raise pytest.UsageError(f"alembic-proof: {error}") from error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses a fixture of ours on every configured database."""
    if "_proof_database" in metafunc.fixturenames:
        try:
            names = _names(metafunc.config)
        except ProofError as error:
            raise pytest.UsageError(f"alembic-proof: {error}") from error
        metafunc.parametrize("_proof_database", names, scope="session", indirect=True)


@pytest.fixture(scope="session")
def _proof_database(request: pytest.FixtureRequest) -> Iterator[Any]:
    from alembic_proof.databases.scratch import Unavailable
    from alembic_proof.migration import Laboratory

    try:
        laboratory = Laboratory(_project(request.config), request.param)
    except Unavailable as why:
        pytest.skip(f"not proved: {why}")
    yield laboratory
    laboratory.close()


@pytest.fixture
def migration(_proof_database: Any) -> Iterator[Any]:
    """An empty scratch database at the base, on every configured database: move it with up_before, up_one, down_one."""
    with _proof_database.migration() as one:
        yield one


@pytest.fixture
def migrated_database(_proof_database: Any) -> Iterator[Any]:
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

    def __init__(self, *, check: str, database: str | None, revision: str | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.check, self.database, self.revision = check, database, revision

    def runtest(self) -> None:
        """Look up what the run found; it takes place once for each database, when its first item is run."""
        from alembic_proof.findings import Outcome, Severity

        report = _report(self.session)
        findings = [finding for finding in report.findings if self._is_meant(finding)]
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if errors:
            raise BrokenError(errors)
        for finding in findings:
            self.warn(pytest.PytestWarning(f"{finding.code} {finding.check}: {finding.what}"))
        verdicts = [verdict for verdict in report.outcomes if self._is_meant(verdict)]
        if not findings and not any(verdict.outcome is Outcome.PROVED for verdict in verdicts):
            reason = next((v.reason for v in verdicts if v.reason), "nothing was seen of it")
            if self.config.getoption("--proof-strict"):
                pytest.fail(f"not proved: {reason}", pytrace=False)
            pytest.skip(f"not proved: {reason}")

    def _is_meant(self, about: Any) -> bool:
        """Say whether a judgement is this item's; an item of a project or a database takes in those on single revisions."""
        return (about.check, about.database) == (self.check, self.database) and self.revision in (None, about.revision)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the finding as the command line does."""
        if isinstance(excinfo.value, BrokenError):
            return str(excinfo.value)
        if isinstance(excinfo.value, ProofError):
            return f"alembic-proof: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item as it is selected."""
        return self.path, None, self.nodeid


class BrokenError(Exception):
    """What a check found broken."""

    def __init__(self, findings: list[Any]) -> None:
        from alembic_proof.reports.text import render_findings

        super().__init__(render_findings(findings))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give every worker of pytest-xdist one folder: the first that needs the report leaves it there for the others."""
    folder = node.config.stash.setdefault(_FOLDER, TemporaryDirectory(prefix="alembic-proof-"))
    node.workerinput[_SHARED] = folder.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the shared folder."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        folder.cleanup()


def _report(session: pytest.Session) -> Any:
    """The report of the one run that serves all selected items."""
    stash = session.config.stash
    if _REPORT not in stash:
        stash[_REPORT] = _shared_report(session)
    found = stash[_REPORT]
    if isinstance(found, ProofError):
        raise found
    return found


def _shared_report(session: pytest.Session) -> Any:
    from alembic_proof.reports.store import report_once

    folder = getattr(session.config, "workerinput", {}).get(_SHARED)
    return report_once(Path(folder) if folder else None, lambda: _run(session))


def _run(session: pytest.Session) -> Any:
    from alembic_proof.verify import GraphError, Request, verify

    items = [item for item in session.items if isinstance(item, ProofItem)]
    request = Request(
        project=_project(session.config),
        databases=tuple(dict.fromkeys(item.database for item in items if item.database)),
        checks=tuple(dict.fromkeys(item.check for item in items)),
    )
    try:
        return verify(request)
    except GraphError as error:
        return error.report
    except ProofError as error:
        return error


def _proof_items(session: pytest.Session, config: pytest.Config) -> Iterator[ProofItem]:
    from alembic_proof.checks.registry import ALL_CHECKS, Scope
    from alembic_proof.migrate.host import load_history

    history = load_history(_project(config))
    of = {scope: [check.rule.slug for check in ALL_CHECKS if check.scope is scope] for scope in Scope}
    whole = _group(session, "migrations")
    yield from (_item(whole, check, None, None) for check in of[Scope.PROJECT])
    for database in _names(config):
        on_database = _group(session, f"migrations[{database}]")
        for revision in () if history.problems else history.revisions:
            group = _group(on_database, Path(revision.file).stem)
            yield from (_item(group, check, database, revision.id) for check in of[Scope.REVISION])
        yield from (_item(on_database, check, database, None) for check in of[Scope.DATABASE])


def _group(parent: Any, name: str) -> Migrations:
    own = name if isinstance(parent, pytest.Session) else f"{parent.nodeid}::{name}"
    return Migrations.from_parent(parent, name=name, nodeid=own)


def _item(parent: Migrations, check: str, database: str | None, revision: str | None) -> ProofItem:
    nodeid = f"{parent.nodeid}::{check}"
    return ProofItem.from_parent(parent, name=check, nodeid=nodeid, check=check, database=database, revision=revision)


def _project(config: pytest.Config) -> Any:
    from alembic_proof.project import find_project

    if _PROJECT not in config.stash:
        named = config.getini("proof_config")
        config.stash[_PROJECT] = find_project(config.rootpath / named if named else None, root=config.rootpath)
    return config.stash[_PROJECT]


def _names(config: pytest.Config) -> tuple[str, ...]:
    """Where to prove: as the options, the ini file or the settings say, else the kind that the project's own URL names."""
    from alembic_proof.workers import natural_database

    project = _project(config)
    named = config.getoption("--proof-on") or config.getini("proof_on") or project.settings.databases
    return tuple(dict.fromkeys(named)) or (natural_database(project),)

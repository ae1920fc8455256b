"""What the tests of the application ask of the evidence."""

from collections.abc import Callable

from alembic_proof.application import ApplicationEvidence, FirstImport
from alembic_proof.evidence import DatabaseEvidence, Evidence
from alembic_proof.findings import Finding, Judgement, Outcome, Verdict
from alembic_proof.history import History
from alembic_proof.imported import Ended

ENV_PY = "from alembic import context\nfrom shop.db import Base\n\ntarget_metadata = Base.metadata\n"
DB = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
PACKAGE = {"shop/__init__.py": "", "shop/db.py": DB}
"""The smallest application that env.py is content with."""


def model(name: str, base: str = "from shop.db import Base") -> str:
    """The source of a module with one mapped class, of the table that is called like it in lower case."""
    return (
        f"from sqlalchemy.orm import Mapped, mapped_column\n{base}\n\n\n"
        f"class {name}(Base):\n    __tablename__ = '{name.lower()}'\n\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )


class Looked:
    """The evidence of one look, with the questions that tests ask."""

    def __init__(self, application: ApplicationEvidence) -> None:
        self.application = application

    def first(self, module: str) -> FirstImport:
        """What happened when the module was imported first."""
        [found] = [first for first in self.application.first_imports if first.module == module]
        return found

    def ended(self) -> dict[str, Ended]:
        """How each module that was tried ended."""
        return {first.module: first.ended for first in self.application.first_imports}

    def evidence(self, registered: frozenset[str] | None = None) -> Evidence:
        """The evidence as checks get it; `registered` are the tables of target_metadata on a database."""
        revisions = frozenset(r.revision for r in self.application.revisions if r.revision is not None)
        database = DatabaseEvidence(name="sqlite", kind="sqlite", server_version="3", registered_tables=registered)
        return Evidence(history=History((), (), ()), chosen=revisions, databases=(database,), application=self.application)


Look = Callable[..., Looked]
"""The fixture `look`: takes the files of an application and, if need be, the names of its packages."""


def findings(judgements: list[Judgement]) -> list[Finding]:
    """The findings among judgements."""
    return [judgement for judgement in judgements if isinstance(judgement, Finding)]


def reasons(judgements: list[Judgement]) -> list[str | None]:
    """Why something was not proved, for each that was not."""
    return [j.reason for j in judgements if isinstance(j, Verdict) and j.outcome is Outcome.NOT_PROVED]

"""Import one module first, in this fresh interpreter. Only what is seen here counts as a failure."""

from typing import Any

from alembic_proof.experiments.application.children.answers import Attempt
from alembic_proof.experiments.application.children.attempt import attempt, connections_refused


def main(job: dict[str, Any]) -> Attempt:
    """Import `module`; `packages` are the application's own."""
    with connections_refused():
        return attempt(job["module"], job["packages"])

"""What is tried on the application: its imports, each in an interpreter of its own.

The harness itself never imports the application here: `children/` runs in other interpreters and answers in JSON.
"""

from alembic_proof.experiments.application.gather import gather_application
from alembic_proof.experiments.application.interpreters import Interpreters

__all__ = ["Interpreters", "gather_application"]

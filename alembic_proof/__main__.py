"""`python -m alembic_proof`."""

from alembic_proof.cli import main

main()

"""Tables of every shape get rows: what one row needs of another is there before it."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazards import ROW_CHECKS, told

SHAPES = """
CREATE TABLE tenant (id INTEGER NOT NULL, region VARCHAR(10) NOT NULL, PRIMARY KEY (id, region))
CREATE TABLE member (tenant_id INTEGER NOT NULL, region VARCHAR(10) NOT NULL, name VARCHAR(20) NOT NULL, best_of INTEGER, \
PRIMARY KEY (tenant_id, region, name), FOREIGN KEY (tenant_id, region) REFERENCES tenant (id, region))
CREATE TABLE node (id INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER NOT NULL, FOREIGN KEY (parent_id) REFERENCES node (id))
CREATE TABLE tag (name VARCHAR(20) NOT NULL PRIMARY KEY, note TEXT, UNIQUE (name))
CREATE TABLE node_tag (node_id INTEGER NOT NULL, tag VARCHAR(20) NOT NULL, PRIMARY KEY (node_id, tag), \
FOREIGN KEY (node_id) REFERENCES node (id), FOREIGN KEY (tag) REFERENCES tag (name))
CREATE TABLE egg (id INTEGER NOT NULL PRIMARY KEY, hen_id INTEGER)
CREATE TABLE hen (id INTEGER NOT NULL PRIMARY KEY, egg_id INTEGER NOT NULL, FOREIGN KEY (egg_id) REFERENCES egg (id))
CREATE TABLE priced (id INTEGER NOT NULL PRIMARY KEY, price NUMERIC(8, 2) NOT NULL CHECK (price > 10), \
state VARCHAR(10) NOT NULL CHECK (state IN ('new', 'sold')), twice NUMERIC(9, 2) GENERATED ALWAYS AS (price * 2) STORED)
CREATE TABLE login (id INTEGER NOT NULL PRIMARY KEY, kind VARCHAR(9) NOT NULL CHECK (kind IN ('own', 'foreign', 'none')), \
hash TEXT, salt TEXT, at_other TEXT, email VARCHAR(20), CHECK (kind <> 'own' OR (hash IS NOT NULL AND salt IS NOT NULL \
AND at_other IS NULL)), CHECK (kind <> 'foreign' OR (hash IS NULL AND at_other IS NOT NULL)), \
CHECK ((hash IS NULL) = (salt IS NULL)))
CREATE TABLE attached (id INTEGER NOT NULL PRIMARY KEY, node_id INTEGER, egg_id INTEGER, since DATE NOT NULL, \
until DATE NOT NULL, CHECK ((node_id IS NULL) <> (egg_id IS NULL)), CHECK (since < until), \
FOREIGN KEY (node_id) REFERENCES node (id), FOREIGN KEY (egg_id) REFERENCES egg (id))
CREATE TABLE rule (id CHAR(32) NOT NULL PRIMARY KEY, kind VARCHAR(9) NOT NULL CHECK (kind IN ('global', 'own')), owner CHAR(32), \
CHECK (kind <> 'global' OR owner IS NULL), CHECK (kind <> 'own' OR owner IS NOT NULL))
CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY, kind VARCHAR(9) NOT NULL CHECK (kind IN ('car', 'boat')), UNIQUE (id, kind))
CREATE TABLE boat (id INTEGER NOT NULL PRIMARY KEY, kind VARCHAR(9) NOT NULL CHECK (kind = 'boat'), \
FOREIGN KEY (id, kind) REFERENCES thing (id, kind))
""".strip().splitlines()
OF_POSTGRESQL = """
ALTER TABLE egg ADD CONSTRAINT egg_of_hen FOREIGN KEY (hen_id) REFERENCES hen (id) DEFERRABLE INITIALLY DEFERRED
CREATE TYPE mood AS ENUM ('sad', 'happy')
CREATE DOMAIN code AS varchar(5) NOT NULL CHECK (VALUE ~ '^[a-z]')
CREATE TABLE special (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood NOT NULL, moods mood[], code code, d JSONB)
CREATE TABLE room (id SERIAL PRIMARY KEY, during TSRANGE NOT NULL, EXCLUDE USING gist (during WITH &&))
CREATE TABLE audit (id BIGSERIAL PRIMARY KEY, what JSONB NOT NULL)
CREATE TABLE entry (id SERIAL PRIMARY KEY, amount NUMERIC(9, 2))
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
INSERT INTO audit (what) VALUES (to_jsonb(NEW)); RETURN NEW; END $$
CREATE TRIGGER noted AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION noted()
CREATE TABLE log (at DATE NOT NULL, what TEXT) PARTITION BY RANGE (at)
CREATE TABLE log_all PARTITION OF log DEFAULT
""".strip().splitlines()


def script(statements: list[str]) -> str:
    """Each statement in an op.execute() of its own."""
    return "\n".join(f'op.execute("""{statement}""")' for statement in statements)


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_every_shape_gets_rows(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Composite keys, references to oneself and in a circle, tables that join, CHECKs, identities, domains, partitions."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    statements = SHAPES + (OF_POSTGRESQL if database == "postgresql" else [])
    names = [statement.split()[2] for statement in statements if statement.startswith("CREATE TABLE")]
    only = ("CREATE TABLE single (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1))", "INSERT INTO single (id) VALUES (1)")
    project = PlantedProject(tmp_path).revision("a", script([*statements, *only]), None)
    project.revision("b", script([f"SELECT count(*) FROM {name}" for name in (*names, "single")]), "pass")
    report = project.verify(url, checks=ROW_CHECKS)
    of_b = [outcome for outcome in report.outcomes if outcome.revision == "b"]

    assert told(report.findings) == []
    assert {outcome.outcome for outcome in of_b} == {Outcome.PROVED}, of_b

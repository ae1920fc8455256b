from alembic import command
from anyio.from_thread import BlockingPortal
from sqlalchemy import NullPool, text
from sqlalchemy.orm import sessionmaker

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from fooapi.main import create_app
from tests.fooapi.client import CHEAP, Client
from tests.fooapi.history import config_for

HEAD = "d62a374b589f"


def test_service_at_head_is_ready(client: Client) -> None:
    """On the schema that it was written for the service is ready, and says which that is."""
    assert client.get("/livez").json() == {"alive": True}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"schema_state": "at head", "database_revisions": [HEAD], "code_revisions": [HEAD]}


def test_readiness_follows_the_schema(server: Server, portal: BlockingPortal) -> None:
    """Behind: not ready, and no route answers 500. Ahead: ready, for an expanded schema must not take old code down."""
    url = server.create().url
    config = config_for(url)
    engine = build_engine(url, poolclass=NullPool)
    client = Client(create_app(CHEAP, sessionmaker(engine, autoflush=False)), portal)

    def state() -> tuple[int, object, object]:
        answer = client.get("/readyz")
        assert client.get("/livez").status_code == 200
        return answer.status_code, answer.json()["schema_state"], answer.json()["database_revisions"]

    assert state() == (503, "behind", [])
    for revision, heads in [("2b9d4f71c6e3", ["2b9d4f71c6e3"]), ("6fa3b9c4e128", ["6fa3b9c4e128"])]:
        command.upgrade(config, revision)
        assert state() == (503, "behind", heads)
    assert client.create("rené").status_code == 503
    assert client.get("/users").status_code == 503
    assert client.get("/users").headers["retry-after"]
    command.upgrade(config, "head")
    assert state() == (200, "at head", [HEAD])
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    assert state() == (200, "ahead", ["ffffffffffff"])
    assert client.create("rené").status_code == 201
    client.close()
    engine.dispose()


def test_database_that_is_away_is_no_mistake_of_ours(portal: BlockingPortal) -> None:
    """Without a database the service lives, is not ready, and answers 503."""
    engine = build_engine("sqlite:////nowhere/app.db")
    client = Client(create_app(CHEAP, sessionmaker(engine)), portal)
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/users").status_code == 503
    client.close()

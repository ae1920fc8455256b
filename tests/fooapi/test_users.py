import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from fooapi.models.user import User
from tests.fooapi.client import Client

RENE = {"username": "rené", "password": "correct horse battery"}


def test_created_user_is_read_back(client: Client) -> None:
    """A client that creates a user finds it under the id in the answer."""
    created = client.post("/users", json=RENE)
    assert created.status_code == 201
    found = client.get(f"/users/{created.json()['id']}")
    assert found.status_code == 200
    assert found.json() == {"id": created.json()["id"], "username": "rené"}


def test_password_is_stored_as_an_argon2_hash(client: Client, sessions: sessionmaker[Session]) -> None:
    """The database never holds a password, and no answer holds its hash."""
    created = client.post("/users", json=RENE)
    with sessions() as session:
        stored = session.scalars(select(User)).one().password
    assert stored.startswith("$argon2id$")
    assert "argon2" not in created.text


def test_tests_start_without_users(sessions: sessionmaker[Session]) -> None:
    """What one test commits, the next does not see."""
    with sessions() as session:
        assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize("user_id", [1, 2**31 - 1])
def test_unknown_user_is_not_found(client: Client, user_id: int) -> None:
    """An id that nobody has is answered with 404."""
    assert client.get(f"/users/{user_id}").status_code == 404


@pytest.mark.parametrize("user_id", ["0", "-1", str(2**31), "x"])
def test_impossible_id_is_refused(client: Client, user_id: str) -> None:
    """An id that the column cannot hold never reaches the database."""
    assert client.get(f"/users/{user_id}").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"username": "rene", "password": "too short"},
        {"username": "", "password": "hunter2 hunter2"},
        {"username": "rene", "password": "hunter2 hunter2", "admin": True},
        {"username": "rene", "password": ["hunter2 hunter2"]},
        {"password": "hunter2 hunter2"},
    ],
)
def test_refusal_never_repeats_the_password(client: Client, body: dict[str, object]) -> None:
    """Invalid input is answered with 422, which says where and why, and holds no part of the password."""
    refused = client.post("/users", json=body)
    assert refused.status_code == 422
    assert "hunter2" not in refused.text
    assert "too short" not in refused.text

import pytest
from anyio.from_thread import BlockingPortal
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from fooapi.main import create_app
from fooapi.models.user import User
from tests.fooapi.client import CHEAP, PASSWORD, Client

NEW_PASSWORD = "staple staple staple"  # noqa: S105 - of nobody


def stored_hash(sessions: sessionmaker[Session]) -> str | None:
    """Read the hash of the only user."""
    with sessions() as session:
        return session.scalars(select(User)).one().password_hash


def log_in(client: Client, username: str, password: str) -> int:
    """Try to log in."""
    return client.post("/login", json={"username": username, "password": password}).status_code


def change_password(client: Client, path: str, current: str, new: str) -> int:
    """Ask for another password."""
    body = {"current_password": current, "new_password": new}
    return client.request("PUT", f"{path}/password", json=body).status_code


def test_password_is_stored_as_an_argon2_hash(client: Client, sessions: sessionmaker[Session]) -> None:
    """The database never holds a password, and no answer holds its hash."""
    created = client.create("rené")
    assert str(stored_hash(sessions)).startswith("$argon2id$")
    assert "argon2" not in created.text


@pytest.mark.parametrize("spelling", ["rené", "RENÉ", "rene\u0301"])
def test_login_with_any_spelling(client: Client, spelling: str) -> None:
    """The right password logs in, however the name is written."""
    created = client.create("rené")
    answer = client.post("/login", json={"username": spelling, "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (200, created.json())


def test_every_failure_to_log_in_is_the_same(client: Client) -> None:
    """A wrong password, an unknown name and a suspended account give one answer, byte for byte."""
    client.create("rené")
    client.patch(client.create("gone").headers["location"], "*", status="suspended")
    attempts = [("rené", "wrong wrong wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)]
    answers = [client.post("/login", json={"username": name, "password": password}) for name, password in attempts]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert all(answer.headers["www-authenticate"] for answer in answers)


def test_unknown_name_takes_as_long(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed login computes one Argon2 hash, of the same cost, whether the name exists or not: its time does not tell."""
    computed: list[str] = []
    verify = Argon2Hasher.verify

    def noting(hasher: Argon2Hasher, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the library's own name
        computed.append(str(hash).rsplit("$", 2)[0])
        return verify(hasher, password, hash)

    client.create("rené")
    log_in(client, "nobody", PASSWORD)  # the hash of nobody is made once
    monkeypatch.setattr(Argon2Hasher, "verify", noting)
    assert log_in(client, "rené", "wrong wrong wrong") == 401
    assert log_in(client, "nobody", "wrong wrong wrong") == 401
    known, unknown = computed
    assert known == unknown
    assert known.startswith("$argon2id$")


def test_login_renews_a_hash_of_old_settings(client: Client, sessions: sessionmaker[Session], portal: BlockingPortal) -> None:
    """After the settings change, a login stores a hash with the new ones; the password and the entity tag stay."""
    created = client.create("rené")
    old = stored_hash(sessions)
    stronger = Client(create_app(CHEAP.model_copy(update={"argon2_time_cost": 2}), sessions), portal)
    assert log_in(stronger, "rené", "wrong wrong wrong") == 401
    assert stored_hash(sessions) == old
    assert log_in(stronger, "rené", PASSWORD) == 200
    assert "t=2" in str(stored_hash(sessions))
    assert log_in(stronger, "rené", PASSWORD) == 200
    assert stronger.get(created.headers["location"]).headers["etag"] == created.headers["etag"]
    stronger.close()


def test_changed_password_replaces_the_old_one(client: Client) -> None:
    """After a change only the new password logs in."""
    path = client.create("rené").headers["location"]
    assert change_password(client, path, "wrong wrong wrong", NEW_PASSWORD) == 403
    assert log_in(client, "rené", PASSWORD) == 200
    assert change_password(client, path, PASSWORD, NEW_PASSWORD) == 204
    assert log_in(client, "rené", PASSWORD) == 401
    assert log_in(client, "rené", NEW_PASSWORD) == 200


def test_password_of_nobody_and_bad_passwords_are_refused(client: Client) -> None:
    """An unknown account is answered with 404, a new password that is too short with 422."""
    assert change_password(client, "/users/7", PASSWORD, NEW_PASSWORD) == 404
    path = client.create("rené").headers["location"]
    assert change_password(client, path, PASSWORD, "short") == 422


def test_account_that_shares_its_key_logs_in_with_its_own_spelling(client: Client, sessions: sessionmaker[Session]) -> None:
    """Accounts from before the keys may read the same; each is reached by the name that it was given."""
    first = client.create("rené").json()["id"]
    second = client.create("other").json()["id"]
    with sessions() as session:
        user = session.get_one(User, second)
        user.username, user.username_key = "RENÉ", f"rené~DUPLICATE-{second}"
        session.commit()
    for spelling, expected in [("RENÉ", second), ("rené", first), ("René", first)]:
        answer = client.post("/login", json={"username": spelling, "password": PASSWORD})
        assert answer.json()["id"] == expected

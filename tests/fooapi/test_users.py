import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from fooapi.models.audit_event import AuditEvent
from fooapi.models.user import User
from tests.fooapi.client import Client

pytestmark = pytest.mark.usefixtures("as_recorded")


def test_created_user_is_read_back(client: Client) -> None:
    """A client that creates a user finds it where Location says, with the same entity tag."""
    created = client.create("rené", email="Rene@Example.org")
    assert created.status_code == 201
    found = client.get(created.headers["location"])
    assert found.status_code == 200
    assert found.json() == created.json()
    assert found.headers["etag"] == created.headers["etag"]
    assert (found.json()["username"], found.json()["email"], found.json()["status"]) == ("rené", "rene@example.org", "active")


def test_moments_are_in_utc(client: Client) -> None:
    """The times of an account end in Z on every database."""
    user = client.create("rené").json()
    assert user["created_at"].endswith("Z")
    assert user["updated_at"].endswith("Z")


def test_tests_start_without_users(sessions: sessionmaker[Session]) -> None:
    """What one test commits, the next does not see."""
    with sessions() as session:
        assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize("spelling", ["rené", "RENÉ", "rene\u0301", "René"])
def test_username_is_taken_in_every_spelling(client: Client, spelling: str) -> None:
    """Two people cannot have names that read the same."""
    assert client.create("René").status_code == 201
    refused = client.create(spelling, email="other@example.org")
    assert refused.status_code == 409
    assert refused.json()["errors"] == [{"location": ["body", "username"], "reason": "is taken"}]


@pytest.mark.parametrize("other", ["rene", "renè", "rené2"])
def test_different_names_are_different_on_every_database(client: Client, other: str) -> None:
    """An accent counts: MariaDB's default collation does not decide."""
    assert client.create("rené").status_code == 201
    assert client.create(other).status_code == 201


def test_email_is_taken(client: Client) -> None:
    """An address belongs to one account, in capital letters too."""
    assert client.create("one", email="who@example.org").status_code == 201
    refused = client.create("two", email="WHO@example.org")
    assert refused.status_code == 409
    assert refused.json()["errors"] == [{"location": ["body", "email"], "reason": "is taken"}]


def test_pages_show_every_user_once(client: Client) -> None:
    """Following `next` to the end shows all users in the order of their ids."""
    ids = [client.create(f"user{number}").json()["id"] for number in range(7)]
    shown: list[int] = []
    cursor: str | None = None
    while True:
        page = client.get("/users", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) <= 3
        shown += [user["id"] for user in page["items"]]
        assert len(shown) <= len(ids)
        cursor = page["next"]
        if cursor is None:
            break
    assert shown == ids


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("limit", 0), ("limit", 101), ("cursor", ""), ("cursor", "MQ"), ("cursor", "gAAAAA"), ("cursor", "AAAAAB")],
)
def test_page_that_cannot_be_is_refused(client: Client, parameter: str, value: object) -> None:
    """A limit out of bounds and a cursor of somebody else's making are answered with 422."""
    assert client.get("/users", params={parameter: str(value)}).status_code == 422


@pytest.mark.parametrize("user_id", [1, 2**31 - 1])
def test_unknown_user_is_not_found(client: Client, user_id: int) -> None:
    """An id that nobody has is answered with 404, whatever is asked."""
    path = f"/users/{user_id}"
    assert client.get(path).status_code == 404
    assert client.patch(path, "*", status="suspended").status_code == 404
    assert client.delete(path, "*").status_code == 404


@pytest.mark.parametrize("user_id", ["0", "-1", str(2**31), "x"])
def test_impossible_id_is_refused(client: Client, user_id: str) -> None:
    """An id that the column cannot hold never reaches the database."""
    assert client.get(f"/users/{user_id}").status_code == 422


def test_changed_user_keeps_the_rest(client: Client) -> None:
    """A change of one field leaves the others, and gives the user a new entity tag."""
    created = client.create("rené")
    path = created.headers["location"]
    changed = client.patch(path, created.headers["etag"], username="Renée")
    assert changed.status_code == 200
    assert changed.json() | {"updated_at": ""} == created.json() | {"username": "Renée", "updated_at": ""}
    assert changed.headers["etag"] != created.headers["etag"]
    assert client.get(path).json() == changed.json()
    assert client.create("renée").status_code == 409
    assert client.create("rené").status_code == 201


def test_name_of_another_user_is_refused_in_a_change(client: Client) -> None:
    """A change to a taken name is answered with 409 and changes nothing."""
    client.create("one")
    two = client.create("two")
    assert client.patch(two.headers["location"], "*", username="ONE").status_code == 409
    assert client.get(two.headers["location"]).headers["etag"] == two.headers["etag"]


def test_deleted_user_is_gone_and_its_events_stay(client: Client, sessions: sessionmaker[Session]) -> None:
    """The account goes, what happened to it remains, and its name is free again."""
    created = client.create("rené")
    path, user_id = created.headers["location"], created.json()["id"]
    assert client.delete(path, created.headers["etag"]).status_code == 204
    assert client.get(path).status_code == 404
    with sessions() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == user_id).order_by(AuditEvent.id)).all()
        assert [(event.action, event.user_id) for event in events] == [("created", None), ("deleted", None)]
    assert client.create("rené").status_code == 201


def test_failed_request_leaves_no_event(client: Client, sessions: sessionmaker[Session]) -> None:
    """A request is kept whole or not at all."""
    client.create("rené")
    client.create("RENÉ")
    with sessions() as session:
        assert [event.action for event in session.scalars(select(AuditEvent))] == ["created"]

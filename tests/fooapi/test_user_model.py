"""The service against a plain dict: whatever a client does, both say the same."""

from dataclasses import dataclass
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from fooapi.main import create_app
from tests.fooapi.client import CHEAP, Client

NAMES = {
    "rené": 1,
    "RENÉ": 1,
    "rene\u0301": 1,
    "rene": 2,
    "Rene": 2,
    "straße": 3,
    "STRASSE": 3,
    "bob": 4,
    "alice": 5,
    "x" * 64: 6,
}
"""Names, and which of them are one and the same."""

EMAILS = ["a@example.org", "A@EXAMPLE.org", "b@example.org", "c+d@example.org", "x" * 64 + "@example.org"]
PASSWORDS = ["correct horse battery", "correct horse batterY", "паролюсь двенадцать", "x" * 128]


@dataclass
class Account:
    """What the model knows of a user."""

    username: str
    email: str
    password: str
    status: str = "active"
    version: int = 1

    @property
    def tag(self) -> str:
        return f'"{self.version}"'


class Users(RuleBasedStateMachine):
    """Clients create, read, change and delete users, change passwords, log in and turn pages."""

    ids = Bundle("ids")

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.accounts: dict[int, Account] = {}

    @rule(target=ids, username=st.sampled_from([*NAMES]), email=st.sampled_from(EMAILS), password=st.sampled_from(PASSWORDS))
    def create(self, username: str, email: str, password: str) -> Any:
        answer = self.client.create(username, email=email, password=password)
        if self.is_taken(username, email, by_other_than=None):
            assert answer.status_code == 409
            return multiple()
        assert answer.status_code == 201
        user_id: int = answer.json()["id"]
        assert user_id not in self.accounts
        self.accounts[user_id] = Account(username, email.lower(), password)
        self.assert_shows(answer, user_id)
        return user_id

    @rule(
        user_id=ids,
        changes=st.fixed_dictionaries(
            {},
            optional={
                "username": st.sampled_from([*NAMES]),
                "email": st.sampled_from(EMAILS),
                "status": st.sampled_from(["active", "suspended"]),
            },
        ).filter(bool),
        age=st.integers(0, 2),
    )
    def change(self, user_id: int, changes: dict[str, str], age: int) -> None:
        account = self.accounts.get(user_id)
        tag = f'"{account.version - age}"' if account else '"1"'
        answer = self.client.patch(f"/users/{user_id}", tag, **changes)
        if account is None:
            assert answer.status_code == 404
        elif age > 0:
            assert answer.status_code == 412
        elif self.is_taken(changes.get("username"), changes.get("email"), by_other_than=user_id):
            assert answer.status_code == 409
        else:
            account.username = changes.get("username", account.username)
            account.email = changes.get("email", account.email).lower()
            account.status = changes.get("status", account.status)
            account.version += 1
            self.assert_shows(answer, user_id)

    @rule(user_id=consumes(ids), age=st.integers(0, 1))
    def delete(self, user_id: int, age: int) -> None:
        account = self.accounts.get(user_id)
        tag = f'"{account.version - age}"' if account else "*"
        expected = 404 if account is None else 412 if age else 204
        assert self.client.delete(f"/users/{user_id}", tag).status_code == expected
        if expected == 204:
            del self.accounts[user_id]

    @rule(user_id=ids, current=st.sampled_from(PASSWORDS), new=st.sampled_from(PASSWORDS))
    def change_password(self, user_id: int, current: str, new: str) -> None:
        body = {"current_password": current, "new_password": new}
        status = self.client.request("PUT", f"/users/{user_id}/password", json=body).status_code
        account = self.accounts.get(user_id)
        if account is None:
            assert status == 404
        elif current != account.password:
            assert status == 403
        else:
            assert status == 204
            account.password = new
            account.version += 1

    @rule(username=st.sampled_from([*NAMES]), password=st.sampled_from(PASSWORDS))
    def log_in(self, username: str, password: str) -> None:
        answer = self.client.post("/login", json={"username": username, "password": password})
        for user_id, account in self.accounts.items():
            if NAMES[account.username] == NAMES[username] and account.password == password and account.status == "active":
                self.assert_shows(answer, user_id)
                return
        assert answer.status_code == 401

    @rule(limit=st.integers(1, 4))
    def turn_pages(self, limit: int) -> None:
        shown: list[int] = []
        page: dict[str, Any] = {"next": "AAAAAA"}
        while page["next"]:
            page = self.client.get("/users", params={"limit": limit, "cursor": page["next"]}).json()
            shown += [user["id"] for user in page["items"]]
            assert len(shown) <= len(self.accounts)
        assert shown == sorted(self.accounts)

    @invariant()
    def every_user_is_as_the_model_says(self) -> None:
        for user_id, account in self.accounts.items():
            answer = self.client.get(f"/users/{user_id}")
            self.assert_shows(answer, user_id)
            assert self.client.get(f"/users/{user_id}", headers={"If-None-Match": account.tag}).status_code == 304

    def is_taken(self, username: str | None, email: str | None, *, by_other_than: int | None) -> bool:
        others = [account for user_id, account in self.accounts.items() if user_id != by_other_than]
        return any(username and NAMES[username] == NAMES[other.username] for other in others) or any(
            email and email.lower() == other.email for other in others
        )

    def assert_shows(self, answer: httpx.Response, user_id: int) -> None:
        account = self.accounts[user_id]
        shown = answer.json()
        assert answer.is_success
        assert answer.headers["etag"] == account.tag
        assert shown["id"] == user_id
        assert (shown["username"], shown["email"], shown["status"]) == (account.username, account.email, account.status)


def test_service_does_what_the_model_does(engine: Engine, portal: BlockingPortal) -> None:
    """Whatever clients do in whatever order, every answer is the one that a plain dict of users gives."""

    class OnThisDatabase(Users):
        def __init__(self) -> None:
            self.connection = engine.connect()
            self.transaction = self.connection.begin()
            sessions = sessionmaker(self.connection, autoflush=False, join_transaction_mode="create_savepoint")
            super().__init__(Client(create_app(CHEAP, sessions), portal))

        def teardown(self) -> None:
            self.client.close()
            self.transaction.rollback()
            self.connection.close()

    examples = settings(
        max_examples=settings().max_examples // 10,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(OnThisDatabase, settings=examples)

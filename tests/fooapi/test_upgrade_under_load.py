import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
from alembic import command
from alembic.script import ScriptDirectory

from alembic_proof.databases.scratch import Server
from tests.fooapi.client import PASSWORD
from tests.fooapi.history import config_for
from tests.fooapi.serving import served

Seen = Counter[tuple[str, int]]


def ask_until(stop: threading.Event, address: str, request: Callable[[httpx.Client, int], httpx.Response]) -> Seen:
    """Send one kind of request again and again, and count the answers."""
    seen: Seen = Counter()
    number = 0
    with httpx.Client(base_url=address, timeout=60) as client:
        while not stop.is_set():
            answer = request(client, number)
            seen[f"{answer.request.method} {answer.request.url.path.rstrip('0123456789')}", answer.status_code] += 1
            number += 1
    return seen


def create(client: httpx.Client, number: int) -> httpx.Response:
    """Ask for an account that nobody else asks for."""
    return client.post("/users", json={"username": f"user {number}", "email": f"{number}@example.org", "password": PASSWORD})


REQUESTS: list[Callable[[httpx.Client, int], httpx.Response]] = [
    create,
    lambda client, _number: client.get("/users"),
    lambda client, _number: client.get("/readyz"),
    lambda client, number: client.patch(f"/users/{number % 9 + 1}", json={"status": "active"}, headers={"If-Match": "*"}),
    lambda client, _number: client.post("/login", json={"username": "user 1", "password": PASSWORD}),
]


def test_service_stays_honest_while_the_schema_grows(server: Server) -> None:
    """From each revision to the next, under load: no answer is a 500, and readiness tells which schema there is."""
    url = server.create().url
    config = config_for(url)
    history = ScriptDirectory.from_config(config)
    stop = threading.Event()
    with served(url) as address, ThreadPoolExecutor(len(REQUESTS)) as pool:
        asking: list[Future[Seen]] = [pool.submit(ask_until, stop, address, request) for request in REQUESTS]
        try:
            for script in [*history.walk_revisions()][::-1]:
                command.upgrade(config, script.revision)
                ready = httpx.get(f"{address}/readyz", timeout=60)
                is_head = script.is_head
                assert ready.status_code == (200 if is_head else 503)
                assert ready.json()["schema_state"] == ("at head" if is_head else "behind")
                assert script.revision in ready.json()["database_revisions"]
            created = httpx.post(
                f"{address}/users", json={"username": "last", "email": "last@example.org", "password": PASSWORD}, timeout=60
            )
            assert created.status_code == 201
        finally:
            stop.set()
        seen: Seen = sum((future.result() for future in asking), Counter())
    assert not [answer for answer in seen if answer[1] == 500], seen
    assert {status for path, status in seen if path == "GET /readyz"} <= {200, 503}
    assert {path for path, _status in seen} == {"POST /users", "GET /users", "GET /readyz", "PATCH /users/", "POST /login"}

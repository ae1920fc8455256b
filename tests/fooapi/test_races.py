"""Two clients at the same time, on a real server: each test has a database of its own, where commits are commits."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import httpx
import pytest
from alembic import command

from alembic_proof.databases.scratch import Server
from tests.fooapi.client import PASSWORD
from tests.fooapi.history import config_for
from tests.fooapi.serving import served

ROUNDS = 10


@pytest.fixture(scope="module")
def address(server: Server) -> Iterator[str]:
    """The service on a database at head."""
    url = server.create().url
    command.upgrade(config_for(url), "head")
    with served(url) as address:
        yield address


def race(*requests: Callable[[httpx.Client], httpx.Response], address: str) -> Counter[int]:
    """Send requests at the same moment, each over a connection of its own, and count the statuses."""
    start = Barrier(len(requests))

    def run(request: Callable[[httpx.Client], httpx.Response]) -> int:
        with httpx.Client(base_url=address, timeout=30) as client:
            client.get("/livez")
            start.wait()
            return request(client).status_code

    with ThreadPoolExecutor(len(requests)) as pool:
        return Counter(pool.map(run, requests))


def create(username: str, email: str) -> Callable[[httpx.Client], httpx.Response]:
    """Ask for an account."""
    return lambda client: client.post("/users", json={"username": username, "email": email, "password": PASSWORD})


def send(address: str, request: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
    """Send one request by itself."""
    with httpx.Client(base_url=address, timeout=30) as client:
        return request(client)


def test_one_of_two_gets_the_name(address: str) -> None:
    """Two requests for one name, spelled differently: exactly one 201 and one 409."""
    for number in range(ROUNDS):
        one, two = create(f"rené{number}", f"one{number}@example.org"), create(f"RENÉ{number}", f"two{number}@example.org")
        assert race(one, two, address=address) == {201: 1, 409: 1}


def test_one_of_two_changes_is_kept(address: str) -> None:
    """Two changes of one version: exactly one 200 and one 412."""
    created = send(address, create("changed", "changed@example.org"))
    path, tag = created.headers["location"], created.headers["etag"]

    def change(email: str) -> Callable[[httpx.Client], httpx.Response]:
        return lambda client: client.patch(path, json={"email": email}, headers={"If-Match": tag})

    for number in range(ROUNDS):
        statuses = race(change(f"a{number}@example.org"), change(f"b{number}@example.org"), address=address)
        assert statuses == {200: 1, 412: 1}
        tag = httpx.get(address + path).headers["etag"]


def test_change_and_deletion_do_not_both_happen(address: str) -> None:
    """A deletion and a change of one version: whichever comes second is refused."""
    for number in range(ROUNDS):
        created = send(address, create(f"gone{number}", f"gone{number}@example.org"))
        path, headers = created.headers["location"], {"If-Match": created.headers["etag"]}
        delete = partial(httpx.Client.delete, url=path, headers=headers)
        suspend = partial(httpx.Client.patch, url=path, headers=headers, json={"status": "suspended"})
        assert race(delete, suspend, address=address) in ({204: 1, 404: 1}, {200: 1, 412: 1})

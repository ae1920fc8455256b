import json

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy.orm import Session, sessionmaker

from fooapi.main import create_app
from tests.fooapi.client import CHEAP, PASSWORD, Client

GOOD = {"username": "rene", "email": "rene@example.org", "password": "hunter2 hunter2"}


def assert_is_problem(answer: httpx.Response, status: int) -> None:
    """RFC 9457: the media type, and a status that repeats the answer's."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        GOOD | {"password": "hunter2"},
        GOOD | {"password": "hunter2 hunter2\0"},
        GOOD | {"password": "hunter2" * 20},
        GOOD | {"password": ["hunter2 hunter2"]},
        GOOD | {"username": ""},
        GOOD | {"username": "hunter2\0"},
        GOOD | {"username": " hunter2"},
        GOOD | {"username": "hunter2" * 10},
        GOOD | {"username": "hunter2\ud800"},
        GOOD | {"email": "hunter2"},
        GOOD | {"email": "hunter2@example.invalid"},
        GOOD | {"email": None},
        GOOD | {"hunter2 hunter2": True},
        {"password": "hunter2 hunter2"},
        ["hunter2"],
        "hunter2",
    ],
)
def test_refusal_never_repeats_the_input(client: Client, body: object) -> None:
    """Invalid input is answered with 422, which says where and why, and holds nothing that the client sent."""
    refused = client.post("/users", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert_is_problem(refused, 422)
    assert refused.json()["errors"]
    assert "hunter2" not in refused.text


def test_broken_json_is_refused_without_an_echo(client: Client) -> None:
    """What is no JSON at all is not quoted either."""
    refused = client.post("/users", content='{"password": "hunter2', headers={"Content-Type": "application/json"})
    assert_is_problem(refused, 422)
    assert "hunter2" not in refused.text


@pytest.mark.parametrize("change", [{}, {"username": None}, {"status": "gone"}, {"password": PASSWORD}, {"id": 7}])
def test_impossible_change_is_refused(client: Client, change: dict[str, object]) -> None:
    """A change of nothing, of a field to null, or of what is no field, is answered with 422."""
    path = client.create("rené").headers["location"]
    assert_is_problem(client.patch(path, "*", **change), 422)


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}])
def test_large_body_is_refused(client: Client, headers: dict[str, str]) -> None:
    """More than 16 KiB is answered with 413, also when no header told the length."""
    assert_is_problem(client.post("/users", content=b" " * 16385, headers=headers), 413)
    assert client.post("/users", content=b" " * 16384, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/users", 405), ("GET", "/users/9", 404)]
)
def test_every_refusal_is_a_problem_document(client: Client, method: str, path: str, status: int) -> None:
    """What the framework refuses by itself has the same form as what the service refuses."""
    assert_is_problem(client.request(method, path), status)


def test_mistake_of_ours_tells_nothing(sessions: sessionmaker[Session], portal: BlockingPortal) -> None:
    """An unforeseen error is answered with 500 and no detail of it."""
    app = create_app(CHEAP, sessions)

    def boom() -> None:
        raise RuntimeError("hunter2")

    app.add_api_route("/boom", boom)
    client = Client(app, portal)
    answer = client.get("/boom")
    client.close()
    assert_is_problem(answer, 500)
    assert "hunter2" not in answer.text

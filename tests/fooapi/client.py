"""The service's clients in tests: in this process, without a socket."""

import itertools
from collections.abc import Awaitable
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from fooapi.settings import Settings

CHEAP = Settings(argon2_time_cost=1, argon2_memory_cost_kib=8, argon2_parallelism=1)
"""A hash costs 0.4 s with the parameters of production."""

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


class Client:
    """Sends requests to the application inside this process, from tests that are not asynchronous."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._numbers = itertools.count(1)
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://fooapi")

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        def send() -> Awaitable[httpx.Response]:
            return self._http.request(method, path, **options)

        return self._portal.call(send)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def patch(self, path: str, if_match: str | None, **changes: Any) -> httpx.Response:
        return self.request("PATCH", path, json=changes, headers=_if_match(if_match))

    def delete(self, path: str, if_match: str | None) -> httpx.Response:
        return self.request("DELETE", path, headers=_if_match(if_match))

    def create(self, username: str, **fields: Any) -> httpx.Response:
        """Ask for an account with an address of its own and a good password."""
        body = {"username": username, "email": f"{next(self._numbers)}@example.org", "password": PASSWORD, **fields}
        return self.post("/users", json=body)

    def close(self) -> None:
        self._portal.call(self._http.aclose)


def _if_match(tag: str | None) -> dict[str, str]:
    return {} if tag is None else {"If-Match": tag}

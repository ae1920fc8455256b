"""The service's clients in tests: in this process, without a socket."""

from collections.abc import Awaitable
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from fooapi.settings import Settings

CHEAP = Settings(argon2_time_cost=1, argon2_memory_cost_kib=8, argon2_parallelism=1)
"""A hash costs 0.4 s with the parameters of production."""


class Client:
    """Sends requests to the application inside this process, from tests that are not asynchronous."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._portal = portal
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://fooapi")

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        def send() -> Awaitable[httpx.Response]:
            return self._http.request(method, path, **options)

        return self._portal.call(send)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def close(self) -> None:
        self._portal.call(self._http.aclose)

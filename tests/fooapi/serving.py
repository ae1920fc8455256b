"""The service behind a socket, as it runs in production: uvicorn, with an engine of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from sqlalchemy import URL
from sqlalchemy.orm import sessionmaker

from fooapi.db.engine import build_engine
from fooapi.main import create_app
from tests.fooapi.client import CHEAP


@contextmanager
def served(url: URL | str) -> Iterator[str]:
    """Serve a database and give the address; stop at the end."""
    engine = build_engine(url)
    with listening(create_app(CHEAP, sessionmaker(engine, autoflush=False))) as address:
        yield address
    engine.dispose()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Run uvicorn in a thread, on a port that is free."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "uvicorn did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()

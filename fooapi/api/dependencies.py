"""What routes ask for: a session, the password hasher. Both belong to the application that serves the request."""

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request
from pwdlib import PasswordHash
from sqlalchemy.orm import Session, sessionmaker


def _session(request: Request) -> Iterator[Session]:
    """Give the request one transaction. The only place that commits; an error on the way rolls back."""
    sessions = cast("sessionmaker[Session]", request.app.state.sessions)  # starlette's state is untyped
    with sessions.begin() as session:
        yield session


def _hasher(request: Request) -> PasswordHash:
    return cast("PasswordHash", request.app.state.hasher)  # starlette's state is untyped


# scope="function": the commit happens before the answer goes out, so that an answer never promises what was not kept.
DatabaseSession = Annotated[Session, Depends(_session, scope="function")]
Hasher = Annotated[PasswordHash, Depends(_hasher)]

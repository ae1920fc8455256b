"""What routes ask for. All of it belongs to the application that serves the request."""

from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.orm import Session, sessionmaker

from fooapi.db.schema_state import History
from fooapi.security import Passwords


def sessions_of(request: Request) -> sessionmaker[Session]:
    """Give the factory of the application's sessions."""
    return cast("sessionmaker[Session]", request.app.state.sessions)  # starlette's state is untyped


def history_of(request: Request) -> History:
    """Give the migrations that the application came with."""
    return cast("History", request.app.state.history)  # starlette's state is untyped


def _passwords(request: Request) -> Passwords:
    return cast("Passwords", request.app.state.passwords)  # starlette's state is untyped


def _session(request: Request) -> Iterator[Session]:
    """Give the request a session. The only place that commits; an error on the way rolls back."""
    with sessions_of(request)() as session:
        yield session
        session.commit()


# scope="function": the commit happens before the answer goes out, so that an answer never promises what was not kept.
DatabaseSession = Annotated[Session, Depends(_session, scope="function")]
MigrationHistory = Annotated[History, Depends(history_of)]
PasswordChecker = Annotated[Passwords, Depends(_passwords)]

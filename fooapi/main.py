"""The application. `uvicorn --factory fooapi.main:create_app` serves it."""

from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from fooapi.api import errors, users
from fooapi.db.session import SessionLocal
from fooapi.security import password_hasher
from fooapi.settings import Settings, get_settings


def create_app(settings: Settings | None = None, sessions: sessionmaker[Session] = SessionLocal) -> FastAPI:
    """Build the application.

    `sessions` makes the session of each request; tests give one of their own database.
    """
    app = FastAPI(title="fooapi")
    app.state.sessions = sessions
    app.state.hasher = password_hasher(settings or get_settings())
    errors.install(app)
    app.include_router(users.router)
    return app

"""The application. `uvicorn --factory fooapi.main:create_app` serves it."""

from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from fooapi.api import documented, health, passwords, problems, users
from fooapi.api.body_limit import BodyLimit
from fooapi.db.schema_state import History
from fooapi.db.session import SessionLocal
from fooapi.security import Passwords
from fooapi.settings import Settings, get_settings


def create_app(settings: Settings | None = None, sessions: sessionmaker[Session] = SessionLocal) -> FastAPI:
    """Build the application.

    `sessions` makes the session of each request; tests give one of their own database.
    """
    settings = settings or get_settings()
    app = FastAPI(title="fooapi", summary="Users, on a database whose every change is a proved migration.", version="1")
    app.state.sessions = sessions
    app.state.passwords = Passwords(settings)
    app.state.history = History(settings.migrations)
    app.add_middleware(BodyLimit, limit_bytes=settings.body_limit_bytes)
    problems.install(app)
    documented.document(app)
    app.include_router(users.router)
    app.include_router(passwords.router)
    app.include_router(health.router)
    return app

"""The database of this installation: where it is, its engine, and the factory of its sessions."""

from sqlalchemy.orm import sessionmaker

from fooapi.db.engine import build_engine
from fooapi.settings import get_settings

SQL_URI = get_settings().sql_uri

engine = build_engine(SQL_URI)  # opens nothing: the first request does

SessionLocal = sessionmaker(engine, autoflush=False)

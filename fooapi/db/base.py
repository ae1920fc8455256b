"""Base and every model. Alembic imports this module, so that `Base.metadata` knows every table."""

from fooapi.db.base_class import Base
from fooapi.models.user import User

__all__ = ["Base", "User"]

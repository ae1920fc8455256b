"""Base and every model. Alembic imports this module, so that `Base.metadata` knows every table."""

from fooapi.db.base_class import Base
from fooapi.models.audit_event import AuditEvent
from fooapi.models.user import User

__all__ = ["AuditEvent", "Base", "User"]

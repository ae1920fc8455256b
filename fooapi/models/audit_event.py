"""The table `audit_events`."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.orm import Mapped, mapped_column

from fooapi.db.base_class import Base
from fooapi.db.types import UTCDateTime


class AuditEvent(Base):
    """What happened to an account. An event outlives its user."""

    __tablename__ = "audit_events"

    # The index is named here: MariaDB makes one of its own for a foreign key without, and takes it away again.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    subject_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(32))
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime, server_default=func.current_timestamp(), index=True)

"""The table `users`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, func
from sqlalchemy.orm import Mapped, mapped_column

from fooapi.db.base_class import Base
from fooapi.db.types import UTCDateTime, exact_string


class User(Base):
    """One person's account."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("status IN ('active', 'suspended')", name="status_known"), Base.__table_args__)

    # A string has a length: MariaDB compiles none without.
    username: Mapped[str] = mapped_column(String(64), index=True)
    # What makes a name unique: see fooapi.usernames.
    username_key: Mapped[str] = mapped_column(exact_string(255), unique=True)
    email: Mapped[str] = mapped_column(exact_string(320), unique=True)
    # Never a password: its Argon2 hash, in PHC string format (97 characters with the default parameters).
    password_hash: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16), server_default="active")
    # Goes up with each change: the entity tag.
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, server_default=func.current_timestamp())

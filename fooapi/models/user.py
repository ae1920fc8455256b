"""The table `users`."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fooapi.db.base_class import Base
from fooapi.db.types import exact_string


class User(Base):
    """One person's account."""

    __tablename__ = "users"

    # A string has a length: MariaDB compiles none without.
    username: Mapped[str] = mapped_column(String(64), index=True)
    # What makes a name unique: see fooapi.usernames.
    username_key: Mapped[str] = mapped_column(exact_string(255), unique=True)
    email: Mapped[str | None] = mapped_column(exact_string(320))
    # Never a password: its Argon2 hash, in PHC string format (97 characters with the default parameters).
    password: Mapped[str] = mapped_column(String(255))

"""Accounts: `/users`."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, status

from fooapi.api.dependencies import DatabaseSession, Hasher
from fooapi.models.user import User
from fooapi.schemas.user import UserCreate, UserRead
from fooapi.usernames import username_key

router = APIRouter(prefix="/users", tags=["users"])

# Past this the integer column overflows, and PostgreSQL answers with an error.
UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("", status_code=status.HTTP_201_CREATED)
def create_user(new: UserCreate, session: DatabaseSession, hasher: Hasher) -> UserRead:
    """Open an account."""
    user = User(
        username=new.username, username_key=username_key(new.username), password=hasher.hash(new.password.get_secret_value())
    )
    session.add(user)
    session.flush()
    return UserRead.model_validate(user)


@router.get("/{user_id}")
def read_user(user_id: UserId, session: DatabaseSession) -> UserRead:
    """Show one account."""
    user = session.get(User, user_id)
    if user is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such user.")
    return UserRead.model_validate(user)

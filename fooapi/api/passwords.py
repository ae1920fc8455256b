"""Passwords: `/login` and `/users/{id}/password`.

Hashing takes a good part of a second, so no transaction is open meanwhile: the row is read, the transaction ended, and the
change is made only if the stored hash is still the one that was read.
"""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from fooapi.api.conditions import etag
from fooapi.api.dependencies import DatabaseSession, PasswordChecker
from fooapi.api.documented import ETAG, WWW_AUTHENTICATE, problems
from fooapi.api.users import UserId
from fooapi.models.audit_event import AuditEvent
from fooapi.models.user import User
from fooapi.schemas.login import Login, PasswordChange
from fooapi.schemas.user import UserRead
from fooapi.usernames import username_key

router = APIRouter(tags=["passwords"])

CHALLENGE = {"WWW-Authenticate": 'Password realm="fooapi"'}


@router.post(
    "/login",
    responses={
        200: {"headers": ETAG},
        **problems(400, 413, 422),
        401: problems(401)[401] | {"headers": WWW_AUTHENTICATE},
    },
)
def log_in(login: Login, session: DatabaseSession, passwords: PasswordChecker, response: Response) -> UserRead:
    """Tell whose name and password these are. Every failure gives one and the same answer, after the same time."""
    user_id, stored = _find(session, login.username)
    session.rollback()
    checked = passwords.check(login.password, stored)
    user = session.get(User, user_id) if checked.is_right else None
    if user is None or user.status != "active":
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "The name or the password is not right.", CHALLENGE)
    if checked.new_hash is not None:
        _replace_hash(session, user.id, stored, checked.new_hash)
    response.headers["ETag"] = etag(user)
    return UserRead.model_validate(user)


@router.put("/users/{user_id}/password", status_code=HTTPStatus.NO_CONTENT, responses=problems(400, 403, 404, 409, 413, 422))
def change_password(user_id: UserId, change: PasswordChange, session: DatabaseSession, passwords: PasswordChecker) -> None:
    """Replace a password. Whoever does knows the current one."""
    stored = session.scalar(select(User.password_hash).where(User.id == user_id))
    if stored is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such user.")
    session.rollback()
    if not passwords.check(change.current_password, stored).is_right:
        raise HTTPException(HTTPStatus.FORBIDDEN, "The current password is not right.")
    new_hash = passwords.hash(change.new_password)
    if not _replace_hash(session, user_id, stored, new_hash, version=User.version + 1, updated_at=func.current_timestamp()):
        raise HTTPException(HTTPStatus.CONFLICT, "The password was changed at the same time.")
    session.add(AuditEvent(user_id=user_id, subject_id=user_id, action="password changed"))


def _find(session: Session, username: str) -> tuple[int | None, str | None]:
    """Find the account with this name: spelled exactly so, or else the one that holds the key of all its spellings.

    Accounts from before the keys may share one; each keeps its own spelling.
    """
    key = username_key(username)
    query = select(User.id, User.username, User.username_key, User.password_hash)
    found = session.execute(query.where(or_(User.username_key == key, User.username == username)).order_by(User.id)).all()
    candidates = [row for row in found if row.username == username] or [row for row in found if row.username_key == key]
    return (candidates[0].id, candidates[0].password_hash) if candidates else (None, None)


def _replace_hash(session: Session, user_id: int, stored: str | None, new_hash: str, **also: Any) -> bool:
    """Store a hash in the place of the one that was read; say whether it was still there."""
    statement = update(User).where(User.id == user_id, User.password_hash == stored).values(password_hash=new_hash, **also)
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1

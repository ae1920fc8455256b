"""Accounts: `/users`."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Response
from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, func, select, update
from sqlalchemy.orm import Session

from fooapi.api.conditions import IF_MATCH, IF_NONE_MATCH, IfMatch, IfNoneMatch, etag, expected_versions, is_unchanged
from fooapi.api.cursors import CURSOR_PATTERN, LARGEST_ID, START, decode_cursor, encode_cursor
from fooapi.api.dependencies import DatabaseSession, PasswordChecker
from fooapi.api.documented import ETAG, LOCATION, problems
from fooapi.models.audit_event import AuditEvent
from fooapi.models.user import User
from fooapi.schemas.user import UserChange, UserCreate, UserPage, UserRead
from fooapi.usernames import username_key

router = APIRouter(prefix="/users", tags=["users"])

# Past this the integer column overflows, and PostgreSQL answers with an error.
UserId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.post(
    "", status_code=HTTPStatus.CREATED, responses={201: {"headers": {**LOCATION, **ETAG}}, **problems(400, 409, 413, 422)}
)
def create_user(new: UserCreate, session: DatabaseSession, passwords: PasswordChecker, response: Response) -> UserRead:
    """Open an account. The name and the address must be free, whatever their spelling."""
    user = User(
        username=new.username,
        username_key=username_key(new.username),
        email=new.email,
        password_hash=passwords.hash(new.password),
    )
    session.add(user)
    session.flush()  # asks nobody first: the unique constraints decide, also between two requests at the same time
    _note(session, "created", user.id)
    response.headers["Location"] = f"/users/{user.id}"
    response.headers["ETag"] = etag(user)
    return UserRead.model_validate(user)


@router.get("", responses=problems(422))
def list_users(
    session: DatabaseSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str, Query(description="The `next` of the page before.", pattern=CURSOR_PATTERN)] = START,
) -> UserPage:
    """Show accounts, in pages. Accounts opened or closed meanwhile shift no page."""
    users = session.scalars(select(User).where(User.id > decode_cursor(cursor)).order_by(User.id).limit(limit + 1)).all()
    items = [UserRead.model_validate(user) for user in users[:limit]]
    return UserPage(items=items, next=encode_cursor(items[-1].id) if len(users) > limit else None)


@router.get(
    "/{user_id}",
    response_model=UserRead,
    openapi_extra=IF_NONE_MATCH,
    responses={200: {"headers": ETAG}, 304: {"description": "Not Modified", "headers": ETAG}, **problems(404, 422)},
)
def read_user(
    user_id: UserId, session: DatabaseSession, response: Response, if_none_match: IfNoneMatch = None
) -> UserRead | Response:
    """Show one account."""
    user = session.get(User, user_id) or _raise_not_found()
    if is_unchanged(user, if_none_match):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(user)})
    response.headers["ETag"] = etag(user)
    return UserRead.model_validate(user)


@router.patch(
    "/{user_id}", openapi_extra=IF_MATCH, responses={200: {"headers": ETAG}, **problems(400, 404, 409, 412, 413, 422, 428)}
)
def change_user(
    user_id: UserId, change: UserChange, session: DatabaseSession, response: Response, if_match: IfMatch = None
) -> UserRead:
    """Change an account, if nobody else did since the client read it."""
    values: dict[str, Any] = change.model_dump(exclude_unset=True)
    if "username" in values:
        values["username_key"] = username_key(values["username"])
    statement = update(User).where(*_is_as_expected(user_id, if_match))
    _run_or_explain(session, statement.values(**values, version=User.version + 1, updated_at=func.current_timestamp()), user_id)
    _note(session, "changed", user_id)
    user = session.get_one(User, user_id)
    response.headers["ETag"] = etag(user)
    return UserRead.model_validate(user)


@router.delete("/{user_id}", openapi_extra=IF_MATCH, status_code=HTTPStatus.NO_CONTENT, responses=problems(404, 412, 422, 428))
def delete_user(user_id: UserId, session: DatabaseSession, if_match: IfMatch = None) -> None:
    """Close an account, if nobody changed it since the client read it. Its audit events stay."""
    _run_or_explain(session, delete(User).where(*_is_as_expected(user_id, if_match)), user_id)
    session.add(AuditEvent(subject_id=user_id, action="deleted"))


def _is_as_expected(user_id: int, if_match: str | None) -> list[ColumnElement[bool]]:
    versions = expected_versions(if_match)
    return [User.id == user_id, *([] if versions is None else [User.version.in_(versions)])]


def _run_or_explain(session: Session, statement: Update | Delete, user_id: int) -> None:
    """Change one row in one statement: no other request comes between looking at the version and writing."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    if result.rowcount == 0:
        if session.get(User, user_id) is None:
            _raise_not_found()
        raise HTTPException(HTTPStatus.PRECONDITION_FAILED, "The user was changed since. Read it again, then decide.")


def _raise_not_found() -> User:
    raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such user.")


def _note(session: Session, action: str, user_id: int) -> None:
    session.add(AuditEvent(user_id=user_id, subject_id=user_id, action=action))

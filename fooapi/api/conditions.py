"""Conditional requests (RFC 9110): an entity tag is the version of a user."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

from fastapi import Header, HTTPException

from fooapi.models.user import User

IfMatch = Annotated[str | None, Header(description='The ETag of the user as the client knows it, or "*". Required.')]
IfNoneMatch = Annotated[str | None, Header(description="An ETag. The answer is 304 when the user still has it.")]

_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"[1-9][0-9]{0,9}")


def etag(user: User) -> str:
    """Write the strong entity tag of a user as it is now."""
    return f'"{user.version}"'


def is_unchanged(user: User, if_none_match: str | None) -> bool:
    """Compare weakly, as a cache does."""
    return if_none_match is not None and (if_none_match.strip() == "*" or str(user.version) in _tags(if_none_match, weak=True))


def expected_versions(if_match: str | None) -> list[int] | None:
    """Give the versions that the client accepts; None for any.

    Raises:
        HTTPException: 428, the client did not say which version it means to change.

    """
    if if_match is None:
        raise HTTPException(HTTPStatus.PRECONDITION_REQUIRED, "Send If-Match with the ETag of the user that you mean to change.")
    if if_match.strip() == "*":
        return None
    return [int(tag) for tag in _tags(if_match, weak=False) if _VERSION.fullmatch(tag)]


def _tags(header: str, *, weak: bool) -> Iterator[str]:
    for is_weak, tag in _TAG.findall(header):
        if weak or not is_weak:
            yield tag

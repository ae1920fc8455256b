"""Conditional requests (RFC 9110): an entity tag is the version of a user."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header, HTTPException

from fooapi.models.user import User

# Documented by hand: a missing If-Match is answered with 428, and FastAPI's own answer to a missing header is 422.
IfMatch = Annotated[str | None, Header(include_in_schema=False)]
IfNoneMatch = Annotated[str | None, Header(include_in_schema=False)]


def _documented(name: str, *, required: bool, description: str) -> dict[str, Any]:
    # Any text may be sent: what is no ETag is none that a user has.
    header = {"name": name, "in": "header", "required": required, "schema": {"type": "string"}, "description": description}
    return {"parameters": [header]}


IF_MATCH = _documented("If-Match", required=True, description='The ETag of the user as the client knows it, or "*".')
IF_NONE_MATCH = _documented("If-None-Match", required=False, description="The answer is 304 when the user still has this ETag.")

_TAG = re.compile(r'(W/)?"([^"]*)"')
LARGEST_VERSION = 2**31 - 1
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
    versions = [int(tag) for tag in _tags(if_match, weak=False) if _VERSION.fullmatch(tag)]
    return [version for version in versions if version <= LARGEST_VERSION]


def _tags(header: str, *, weak: bool) -> Iterator[str]:
    for is_weak, tag in _TAG.findall(header):
        if weak or not is_weak:
            yield tag

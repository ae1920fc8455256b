"""Problem documents (RFC 9457): the one form of every answer that is no success."""

from pydantic import BaseModel


class InvalidField(BaseModel):
    """One place in the request that cannot be accepted. Never what stood there: it may be a password."""

    location: list[str | int]
    reason: str


class Problem(BaseModel):
    """What went wrong, for a person and for a program."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[InvalidField] | None = None
    schema_state: str | None = None
    database_revisions: list[str] | None = None
    code_revisions: list[str] | None = None

"""What clients send and get about users."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def _mail_can_reach(email: str) -> str:
    # Migrations mark addresses that they made up with this domain; nobody else has one (RFC 2606).
    if email.endswith(".invalid"):
        raise ValueError("no mail reaches the domain invalid")
    return email


def _without_nul(password: SecretStr) -> SecretStr:
    if "\0" in password.get_secret_value():
        raise ValueError("holds a NUL character")
    return password


# No control characters, no blanks at the ends.
Username = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$")]
# What HTML forms take for an address, with a dot in the domain. Compared without regard to case, and so stored in small letters.
Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
        r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$",
    ),
    AfterValidator(str.lower),
    AfterValidator(_mail_can_reach),
]
Password = Annotated[
    SecretStr,
    Field(min_length=12, max_length=128, json_schema_extra={"pattern": r"^[^\x00]*$"}),
    AfterValidator(_without_nul),
]
Status = Literal["active", "suspended"]


class UserCreate(BaseModel):
    """A new account. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    email: Email
    password: Password


def _left_out() -> Any:
    return None


class UserChange(BaseModel):
    """What may be changed, in part. A field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    # None means that the field was left out; as a value it is refused.
    username: Username = Field(default_factory=_left_out)
    email: Email = Field(default_factory=_left_out)
    status: Status = Field(default_factory=_left_out)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names no field to change")
        return self


class UserRead(BaseModel):
    """An account as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    email: str
    status: Status
    created_at: datetime
    updated_at: datetime


class UserPage(BaseModel):
    """Users in the order of their ids. `next` is the cursor of the following page, None on the last."""

    items: list[UserRead]
    next: str | None

"""What clients send and get about users."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Username = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[SecretStr, Field(min_length=12, max_length=128)]


class UserCreate(BaseModel):
    """A new account. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    password: Password


class UserRead(BaseModel):
    """An account as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str

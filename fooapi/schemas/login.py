"""What clients send about passwords."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fooapi.schemas.user import Password, Username


class Login(BaseModel):
    """A name in any of its spellings, and the password."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    password: SecretStr = Field(max_length=128)


class PasswordChange(BaseModel):
    """Whoever changes a password knows the current one."""

    model_config = ConfigDict(extra="forbid")

    current_password: SecretStr = Field(max_length=128)
    new_password: Password

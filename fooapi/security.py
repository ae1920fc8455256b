"""Password hashing. The only module that sees a password in the clear."""

import secrets
from dataclasses import dataclass
from functools import cached_property
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

from fooapi.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password was the right one, and the hash to store from now on if the settings changed since."""

    is_right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and checks with the settings' parameters: Argon2id, salted, in PHC string format.

    A hash takes 64 MiB for a while, so only a few are computed at once; other requests wait here.
    """

    def __init__(self, settings: Settings) -> None:
        parameters = Argon2Hasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_cost_kib,
            parallelism=settings.argon2_parallelism,
        )
        self._hasher = PasswordHash([parameters])
        self._turns = BoundedSemaphore(settings.argon2_at_once)

    def hash(self, password: SecretStr) -> str:
        """Compute the hash to store."""
        with self._turns:
            return self._hasher.hash(password.get_secret_value())

    def check(self, password: SecretStr, stored: str | None) -> Checked:
        """Compare a password with a stored hash. Without one it takes as long, and is wrong."""
        with self._turns:
            try:
                is_right, new_hash = self._hasher.verify_and_update(password.get_secret_value(), stored or self._hash_of_nobody)
            except UnknownHashError:
                return Checked(is_right=False)
        return Checked(is_right and stored is not None, new_hash if stored is not None else None)

    @cached_property
    def _hash_of_nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())

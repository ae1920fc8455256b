"""Password hashing. The only module that sees a password in the clear."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fooapi.settings import Settings


def password_hasher(settings: Settings) -> PasswordHash:
    """Build the hasher with the settings' parameters: Argon2id, salted, in PHC string format."""
    return PasswordHash(
        [
            Argon2Hasher(
                time_cost=settings.argon2_time_cost,
                memory_cost=settings.argon2_memory_cost_kib,
                parallelism=settings.argon2_parallelism,
            )
        ]
    )

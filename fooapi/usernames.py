"""When two usernames are one: what a person reads as the same name is the same name."""

import hashlib
import unicodedata

LONGEST_NATURAL_KEY = 200
"""A key of this length leaves room in its column for the mark that a migration put on duplicates."""


def username_key(username: str) -> str:
    """Fold case and compatibility forms: René, RENÉ and é written as two characters give one key.

    The key holds no capital ASCII letter. A long one (64 ligatures can unfold to more than 1000 characters) ends in its digest.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
    if len(folded) <= LONGEST_NATURAL_KEY:
        return folded
    return folded[:136] + hashlib.sha256(folded.encode()).hexdigest()

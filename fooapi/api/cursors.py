"""Where a page of a list begins: opaque to clients, so that it may become something else."""

import base64
import binascii

LARGEST_ID = 2**31 - 1


def encode_cursor(last_id: int) -> str:
    """Write the cursor of the page that follows an id."""
    return base64.urlsafe_b64encode(f"after {last_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """Give the id after which the page begins.

    Raises:
        ValueError: this service did not make the cursor.

    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("is no cursor of this service") from error
    last_id = text.removeprefix("after ")
    if not (last_id.isdecimal() and 0 < int(last_id) <= LARGEST_ID and encode_cursor(int(last_id)) == cursor):
        raise ValueError("is no cursor of this service")
    return int(last_id)

"""Where a page of a list begins: opaque to clients, so that it may become something else."""

import base64

LARGEST_ID = 2**31 - 1
CURSOR_PATTERN = r"^[A-Za-f][A-Za-z0-9_-]{4}[AQgw]$"
"""Whatever matches is a cursor: four bytes, the first bit of them zero."""

START = "AAAAAA"


def encode_cursor(last_id: int) -> str:
    """Write the cursor of the page that follows an id."""
    return base64.urlsafe_b64encode(last_id.to_bytes(4)).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """Give the id after which the page begins."""
    return int.from_bytes(base64.urlsafe_b64decode(cursor + "=="))

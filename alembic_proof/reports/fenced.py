"""A text that Markdown shows letter by letter, whatever it holds."""

import re

_RUNS = re.compile("`+")


def fenced(text: str, language: str = "text") -> str:
    """Put a text into a fence that is longer than any run of backquotes in it."""
    fence = "`" * max(3, *(len(run) + 1 for run in _RUNS.findall(text)), 0)
    return f"{fence}{language}\n{text}\n{fence}"


def cell(text: str) -> str:
    """Write a text for a cell of a table: nothing in it is Markdown, HTML or a mention."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~!$])", r"\\\1", " ".join(text.split()))
    return escaped.replace("@", "@\N{ZERO WIDTH JOINER}")

"""How the pages of --help are laid out: paragraphs flow, and a switch needs no word for its type."""

import inspect
from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose help is written as a docstring is."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.help = flowing(self.help)

    def get_params(self, ctx: Any) -> Any:
        """Give the parameters, --help among them."""
        return _without_types(super().get_params(ctx))


class Group(TyperGroup):
    """The same for several commands."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.help = flowing(self.help)

    def get_params(self, ctx: Any) -> Any:
        """Give the parameters, --help among them."""
        return _without_types(super().get_params(ctx))


def flowing(text: str | None) -> str | None:
    """Join the lines of each paragraph, since a terminal breaks them where it ends; what is indented stays as it stands."""
    if text is None:
        return None
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else one.replace("\n", " ") for one in paragraphs)


def _without_types(params: Any) -> Any:
    for param in params:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
    return params

"""How a migration script uses the names that it imports. Read from its syntax tree."""

import ast
from collections.abc import Mapping, Sequence

import msgspec


class Usage(msgspec.Struct, frozen=True):
    """The attributes taken of each expression, the expressions that are called, and every word that could name a column."""

    attributes: Mapping[str, Sequence[str]]
    called: frozenset[str]
    words: frozenset[str]


def usage_of(tree: ast.Module) -> Usage:
    """Collect what stands in a script."""
    attributes: dict[str, list[str]] = {}
    called: set[str] = set()
    words: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=value, attr=name):
                known = attributes.setdefault(ast.unparse(value), [])
                if name not in known:
                    known.append(name)
                words.add(name)
            case ast.Call(func=function):
                called.add(ast.unparse(function))
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                words.add(name)
    return Usage(attributes, frozenset(called), frozenset(words))

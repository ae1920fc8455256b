"""The models that come into being while the application is imported: tables, mapped classes, and the names that hold them."""

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

import sqlalchemy
from sqlalchemy import MetaData, Table, event
from sqlalchemy.orm import Mapper, registry

from alembic_proof.experiments.application.children.answers import Frame, SeenName, SeenTable
from alembic_proof.imported import Column, Holds


class Models:
    """Watches from the moment when it is made. `files` gives the application's modules by their files' absolute paths."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._modules = frozenset(files.values())
        self._places: dict[Table, Frame] = {}
        self._mapped: dict[int, tuple[type[Any], Table]] = {}  # by id: a metaclass may forbid hashing
        self._metadata: list[MetaData] = []
        event.listen(Table, "after_parent_attach", self._on_table)
        event.listen(Mapper, "after_mapper_constructed", self._on_class)

    def tables(self) -> tuple[SeenTable, ...]:
        """Every Table made by a line of the application, in the order of their making."""
        classes: dict[Table, type[Any]] = {}
        for mapped, table in self._mapped.values():
            classes.setdefault(table, mapped)  # the first of a single-table hierarchy is its root
        return tuple(self._seen_table(table, place, classes.get(table)) for table, place in self._places.items())

    def names(self, modules: Iterable[str]) -> tuple[SeenName, ...]:
        """Every name in these modules that belongs to the models."""
        return tuple(self._seen_names(modules))

    def _on_table(self, table: Table, parent: object) -> None:
        place = self._place(sys._getframe())  # noqa: SLF001 - the stack says which line makes the table
        if place is not None and isinstance(parent, MetaData):
            self._places.setdefault(table, place)

    def _on_class(self, mapper: Mapper[Any], mapped: type[Any]) -> None:
        if isinstance(mapper.local_table, Table):
            self._mapped[id(mapped)] = (mapped, mapper.local_table)

    def _place(self, frame: FrameType | None) -> Frame | None:
        """The application's line at which the innermost module is; None when that module is somebody else's."""
        while frame is not None and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        file = frame.f_code.co_filename if frame is not None else ""
        return (
            Frame(module=self._files[file], file=file, line=frame.f_lineno) if frame is not None and file in self._files else None
        )

    def _number(self, metadata: MetaData) -> int:
        for number, known in enumerate(self._metadata):
            if known is metadata:
                return number
        self._metadata.append(metadata)
        return len(self._metadata) - 1

    def _seen_table(self, table: Table, place: Frame, mapped: type[Any] | None) -> SeenTable:
        return SeenTable(
            name=table.fullname,
            metadata=self._number(table.metadata),
            place=place,
            columns=tuple(Column(name=column.name, type=_type_text(column.type)) for column in table.columns),
            mapped_class=mapped.__name__ if mapped is not None else None,
            class_module=mapped.__module__ if mapped is not None else None,
        )

    def _seen_names(self, modules: Iterable[str]) -> Iterator[SeenName]:
        for module in modules:
            for name, value in tuple(vars(sys.modules[module]).items()):
                held = self._holds(value)
                if held is not None:
                    holds, table, metadata = held
                    number = None if metadata is None else self._number(metadata)
                    made_in = value.__module__ if isinstance(value, type) else module
                    own = made_in == module or made_in not in self._modules  # declarative_base() makes it in SQLAlchemy
                    yield SeenName(module=module, name=name, holds=holds, table=table, metadata=number, is_own=own)

    def _holds(self, value: object) -> tuple[Holds, str | None, MetaData | None] | None:
        match value:
            case MetaData():
                return Holds.METADATA, None, value
            case Table():
                return Holds.TABLE, value.fullname, value.metadata
            case registry():
                return Holds.BASE, None, value.metadata
            case type():
                return self._held_by_class(value)
            case _ if type(value).__module__.startswith("flask_sqlalchemy"):  # its `db` is the way to all models
                return Holds.METADATA, None, None
            case _:
                return None

    def _held_by_class(self, value: type[Any]) -> tuple[Holds, str | None, MetaData | None] | None:
        if id(value) in self._mapped:
            _, table = self._mapped[id(value)]
            return Holds.MAPPED_CLASS, table.fullname, table.metadata
        metadata = inspect.getattr_static(value, "metadata", None)
        return (Holds.BASE, None, metadata) if isinstance(metadata, MetaData) else None


def _type_text(column_type: object) -> str | None:
    """How to write a type of SQLAlchemy's own, `String(length=50)`; None for one that the application made."""
    kind = type(column_type)
    text = repr(column_type)
    is_generic = getattr(sqlalchemy, kind.__name__, None) is kind
    is_code = text.startswith(f"{kind.__name__}(") and text.count("(") == 1 and "<" not in text
    return text if is_generic and is_code else None

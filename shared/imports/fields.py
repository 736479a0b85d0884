"""Read the fields of an event from a row, by a mapping: which cells and paths is found out once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from shared.imports.mapping import Mapping
from shared.imports.values import cell_getter, path_getter


class FieldReader:
    """Reads fields from rows of one file."""

    def __init__(
        self, mapping: Mapping, columns: Sequence[str] | None, apart: Collection[str]
    ) -> None:
        """Look up the columns.

        Args:
            mapping: without problems.
            columns: the header of CSV; None: the rows are objects.
            apart: fields that are read one by one, by ``first``.
        """
        self.find = (
            path_getter if columns is None else cell_getter(columns, own=mapping.is_own_export)
        )
        self._constants = mapping.constants
        self._getters = {
            name: [get for column in wanted if (get := self.find(column)) is not None]
            for name, wanted in mapping.fields.items()
        }
        self.present = {
            *self._constants,
            *(name for name, getters in self._getters.items() if getters),
        }
        """The fields that a row can have."""
        # Most fields of CSV are one cell, which is read without a call.
        self._cell_of: dict[str, int] = {}
        if columns is not None and not mapping.is_own_export:
            for name, wanted in mapping.fields.items():
                if len(wanted) == 1 and wanted[0] in columns:
                    self._cell_of[name] = columns.index(wanted[0])
        together = self._getters.keys() - apart
        self._cells = [(name, self._cell_of[name]) for name in together & self._cell_of.keys()]
        self._others = together - self._cell_of.keys()

    def all(self, values: Any) -> dict[str, Any]:
        """Return the fields of a row that have a value, but those to be read one by one.

        Args:
            values: an object, or as many cells as there are columns.
        """
        fields = dict(self._constants)
        for name, index in self._cells:
            cell = values[index]
            if cell != "":
                fields[name] = cell
        for name in self._others:
            value = self.first(name, values)
            if value is not None:
                fields[name] = value
        return fields

    def first(self, name: str, values: Any) -> Any:
        """Return a field of a row, of the first column that has a value; None: none has.

        Args:
            name: of the field.
            values: as ``all`` takes them.
        """
        index = self._cell_of.get(name)
        if index is not None:
            cell = values[index]
            return cell if cell != "" else self._constants.get(name)
        for get in self._getters.get(name, ()):
            value = get(values)
            if value is not None and value != "":
                return value
        return self._constants.get(name)

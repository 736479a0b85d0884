"""Read columns of one file of a sealed day, and keep those that were used last.

Texts are kept as small numbers beside the list of their different values.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cachetools import LRUCache

from services.query.sources.copy_columns import Array
from shared.events.dimensions import PROPERTY_PREFIX
from shared.models import DayFile
from shared.models.day_file import ALL_PROPERTIES

log = logging.getLogger(__name__)

MAX_BYTES = 160 * 1024 * 1024
MAX_VALUES = 20_000
"""Texts of a day with more different values are left to raw rows."""
_MAX_COMPARED = 8
_FIXED = ("person_id", "timestamp")
TOO_MANY = "too many values"
AMONG_OTHERS = "among the other properties"


class TooManyValues(Exception):
    """A column has too many different values to be read from files."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts: ``values[codes[row]]``; the value None stands for a missing one."""

    codes: Array
    values: list[str | None]
    """Different ones, the missing one last."""

    def among(self, passing: Sequence[bool] | Array) -> Array:
        """Return for each row whether its value passes.

        Args:
            passing: of each of ``values``.
        """
        passes = np.asarray(passing, bool)
        numbers = np.flatnonzero(passes)
        if len(numbers) > _MAX_COMPARED:
            return passes[self.codes]
        # Comparing with a few small numbers is quicker than looking each up.
        found = np.zeros(len(self.codes), bool)
        for number in numbers.astype(self.codes.dtype):
            found |= self.codes == number
        return found

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return self.codes.nbytes + sum(80 + len(value or "") for value in self.values)


Column = Array | Coded | str
"""A column, or why it cannot be read: ``TOO_MANY`` or ``AMONG_OTHERS``."""


@dataclass(frozen=True, slots=True)
class DayColumns:
    """The rows of a day by person, time and order of storing."""

    person: Array
    at: Array
    """Microseconds since 1970."""
    texts: dict[str, Coded]
    """By name of the column."""


def read_columns(root: Path, file: DayFile, texts: Sequence[str]) -> DayColumns | None:
    """Return columns of a file, from memory as far as they are there.

    Args:
        root: the folder of all files.
        file: which one.
        texts: the names of the columns besides person and time.

    Returns:
        None if the file is not as it was written, or has a property among the others.

    Raises:
        TooManyValues: a column has too many different values.
    """
    names = [*_FIXED, *texts]
    found = {name: process_cache.get((file.sha256, name)) for name in names}
    missing = [name for name, column in found.items() if column is None]
    if missing:
        try:
            read = _read(root / file.path, file, missing)
        except (OSError, ValueError, pa.ArrowException) as error:
            log.error(
                "the file %s of a sealed day cannot be used (%s); its rows are read from "
                "PostgreSQL, and the nightly job writes it anew",
                file.path,
                error,
            )
            return None
        for name, column in read.items():
            process_cache.put((file.sha256, name), column)
        found.update(read)
    if any(found[name] is TOO_MANY for name in texts):
        raise TooManyValues
    coded = {name: column for name, column in found.items() if isinstance(column, Coded)}
    if len(coded) < len(texts):
        return None
    person, at = (found[name] for name in _FIXED)
    assert isinstance(person, np.ndarray)
    assert isinstance(at, np.ndarray)
    return DayColumns(person, at, coded)


def _read(path: Path, file: DayFile, names: Sequence[str]) -> dict[str, Column]:
    """Read columns of a file whose content is what was written.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: its content is another.
        pyarrow.ArrowException: it is no Parquet file.
    """
    # Read once: what is decoded below is what was compared.
    content = path.read_bytes()
    if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
        message = "its content is not what was written"
        raise ValueError(message)
    # Those of properties are read as they were stored: as codes, or plain.
    texts = [name for name in names if not name.startswith(PROPERTY_PREFIX) and name not in _FIXED]
    opened = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
    has_all = (opened.schema_arrow.metadata or {}).get(ALL_PROPERTIES.encode()) == b"true"
    present = set(opened.schema_arrow.names)
    table = opened.read(columns=[name for name in names if name in present])
    if opened.metadata.num_rows != file.rows:
        message = f"it has {opened.metadata.num_rows} rows instead of {file.rows}"
        raise ValueError(message)
    found: dict[str, Column] = {}
    for name in names:
        if name == "timestamp":
            found[name] = np.ascontiguousarray(table[name].cast(pa.int64()).to_numpy())
        elif name == "person_id":
            found[name] = np.ascontiguousarray(table[name].to_numpy())
        elif name in present:
            found[name] = _coded(table[name])
        elif name.startswith(PROPERTY_PREFIX) and has_all:
            found[name] = Coded(np.zeros(file.rows, np.uint8), [None])
        else:
            found[name] = AMONG_OTHERS
    return found


def _coded(column: pa.ChunkedArray) -> Column:
    if not pa.types.is_dictionary(column.type):
        return _coded(column.dictionary_encode())
    one = column.unify_dictionaries().combine_chunks()
    if isinstance(one, pa.ChunkedArray):
        one = pa.concat_arrays(one.chunks) if one.num_chunks else pa.array([], one.type)
    if len(one.dictionary) > MAX_VALUES:
        return TOO_MANY
    values = one.dictionary.to_pylist()
    codes = one.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return Coded(codes.astype(np.min_scalar_type(len(values))), [*values, None])


class ColumnCache:
    """The columns used last, by the hash of their file and their name, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._entries: LRUCache[tuple[str, str], Column] = LRUCache(
            max_bytes,
            getsizeof=lambda column: 500 + (0 if isinstance(column, str) else column.nbytes),
        )

    def get(self, key: tuple[str, str]) -> Column | None:
        """Return the column of a file, or None."""
        with self._lock:
            return self._entries.get(key)

    def put(self, key: tuple[str, str], column: Column) -> None:
        """Add a column; those that were not used for longest make room for it."""
        # A column that alone exceeds the limit is refused, and read again the next time.
        with self._lock, suppress(ValueError):
            self._entries[key] = column

    def clear(self) -> None:
        """Forget all columns."""
        with self._lock:
            self._entries.clear()


process_cache = ColumnCache(MAX_BYTES)

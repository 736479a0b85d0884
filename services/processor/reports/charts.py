"""Draw the pictures of a report as PNG, with nothing in them but digits and lines.

Names stand in the text of the mail, where every script and emoji is legible. The pictures have a
light ground of their own, so that they are legible in dark mail programs, too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from services.processor.reports.figures import Bars, Grid, Lines

WIDTH, HEIGHT = 560, 240
"""In CSS pixels; drawn with twice as many in each direction."""
MAX_LINES = 8
MAX_BARS = 20
MAX_COHORTS = 31
COLOURS = (
    "#0b6e77", "#d1495b", "#8a6d00", "#5b5bd6", "#2e7d32", "#b0509c", "#9a5b13", "#4a6572",
)  # fmt: skip
_GROUND, _INK, _GRID = "#ffffff", "#4a5560", "#dfe4e8"
_MAX_TICKS = 6


def draw(picture: Lines | Bars | Grid, number_format: Any) -> bytes:
    """Return a picture as PNG.

    Args:
        picture: what to draw.
        number_format: returns a number as the text of an axis.
    """
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=200, facecolor=_GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.11, 0.13, 0.87, 0.83), facecolor=_GROUND)
    axes.tick_params(colors=_INK, labelsize=9.5, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    if isinstance(picture, Grid):
        _draw_grid(axes, picture)
    else:
        axes.grid(axis="y", color=_GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=_is_whole(picture)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: number_format(value)))
        if isinstance(picture, Lines):
            _draw_lines(axes, picture)
        else:
            _draw_bars(axes, picture)
    png = io.BytesIO()
    figure.savefig(png, format="png", facecolor=_GROUND, metadata={"Software": None})
    return _with_fewer_colours(png)


def _is_whole(picture: Lines | Bars) -> bool:
    rows: Sequence[Sequence[float | None]] = (
        picture.lines if isinstance(picture, Lines) else [picture.values]
    )
    return all(value is None or value == int(value) for row in rows for value in row)


def _draw_lines(axes: Any, picture: Lines) -> None:
    positions = range(len(picture.starts))
    for colour, values in zip(COLOURS, picture.lines[:MAX_LINES], strict=False):
        drawn = [float("nan") if value is None else value for value in values]
        axes.plot(positions, drawn, color=colour, linewidth=1.6, marker="o", markersize=2.6)
    if len(picture.lines) == 1:
        shown = [value or 0 for value in picture.lines[0]]
        axes.fill_between(positions, shown, color=COLOURS[0], alpha=0.12, linewidth=0)
    _start_at_zero(axes)
    every = max(1, -(-len(picture.starts) // _MAX_TICKS))
    ticks = list(positions)[::every]
    axes.set_xticks(ticks, [_short(picture.starts[at], picture.starts) for at in ticks])


def _short(start: str, starts: Sequence[str]) -> str:
    """Return the start of an interval as digits: the hour within one day, else day and month."""
    instant = datetime.fromisoformat(start)
    first, last = (datetime.fromisoformat(starts[at]) for at in (0, -1))
    if (last - first).days < 2 and len(starts) > 2:
        return f"{instant:%H:%M}"
    return f"{instant:%m-%d}" if (last - first).days < 300 else f"{instant:%Y-%m}"


def _draw_bars(axes: Any, picture: Bars) -> None:
    shown = picture.values[:MAX_BARS]
    numbers = range(1, len(shown) + 1)
    axes.bar(numbers, shown, color=COLOURS[0], width=0.7)
    _start_at_zero(axes)
    axes.set_xticks(list(numbers))


def _start_at_zero(axes: Any) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0) if low < 0 else 0, high if high > 0 else 1)


def _draw_grid(axes: Any, picture: Grid) -> None:
    rows = picture.rows[:MAX_COHORTS]
    width = max((len(row) for row in rows), default=1)
    cells = [[*row, *[float("nan")] * (width - len(row))] for row in rows]
    colours = LinearSegmentedColormap.from_list("tide", ["#eef6f7", COLOURS[0]])
    axes.imshow(cells, aspect="auto", cmap=colours, vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks(range(0, width, max(1, width // 10)))
    axes.set_yticks(range(0, len(rows), max(1, len(rows) // 8)))
    axes.set_yticklabels([str(at + 1) for at in range(0, len(rows), max(1, len(rows) // 8))])


def _with_fewer_colours(png: io.BytesIO) -> bytes:
    """Return a PNG with a palette: a third of the bytes, of pictures with few colours."""
    png.seek(0)
    small = io.BytesIO()
    with Image.open(png) as image:
        image.convert("RGB").quantize(64).save(small, format="png", optimize=True)
    return small.getvalue()

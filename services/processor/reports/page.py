"""Write a report: HTML with pictures, plain text, and a CSV file of all figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.processor.delivery.message import PERSONAL_MARK
from services.processor.reports.charts import COLOURS, MAX_LINES, draw
from services.processor.reports.content import (
    Content,
    Picture,
    Rendered,
    TileContent,
)
from services.processor.reports.figures import Bars, Figures, Lines, Table, figures_of
from services.processor.reports.texts import LANGUAGES, Language
from shared.web.csv_cells import BYTE_ORDER_MARK, escape_formula

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_SHOWN_ROWS = 20
_ALT_ROWS = 5


@dataclass(frozen=True, slots=True)
class _ShownTable:
    heads: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[str]]
    more: str


@dataclass(frozen=True, slots=True)
class _ShownTile:
    """A tile as the templates read it: nothing but texts."""

    title: str
    days: str = ""
    note: str = ""
    text: str = ""
    link: str = ""
    headlines: Sequence[tuple[str, str, str]] = ()
    tables: Sequence[_ShownTable] = ()
    legend: Sequence[tuple[str, str]] = ()
    numbered: str = ""
    """Says which rows the bars are, which bear numbers alone."""
    content_id: str = ""
    alt: str = ""


def write(content: Content) -> Rendered:
    """Write a report. A tile that cannot be written says so, and the others are there."""
    language = LANGUAGES[content.language]
    pictures: list[Picture] = []
    shown: list[_ShownTile] = []
    figures: list[tuple[str, Figures]] = []
    for number, tile in enumerate(content.tiles, 1):
        try:
            read = (
                None if tile.answer is None else figures_of(tile.kind, tile.answer, language.texts)
            )
            shown.append(_show(tile, read, content, f"chart-{number}", pictures))
        except Exception as error:  # noqa: BLE001  # one tile must not take the others along
            read, reason = None, f"{type(error).__name__}"
            failed = language["failed"].format(error=reason)
            shown.append(_ShownTile(_title(tile, language), note=failed, link=tile.link))
        if read is not None:
            figures.append((_title(tile, language), read))
    first, last = date.fromisoformat(content.first), date.fromisoformat(content.last)
    values: dict[str, Any] = {
        "content": content,
        "days": language.days(first, last),
        "footer": PERSONAL_MARK,
        "kind": language[content.frequency],
        "t": language,
        "tiles": shown,
        "zone": language["time_zone"].format(zone=content.timezone),
    }
    subject = " ".join(f"{content.name}: {language.days(first, last)}".split())
    return Rendered(
        subject=subject,
        text=_TEMPLATES.get_template("mail.txt").render(values),
        html=_TEMPLATES.get_template("mail.html").render(values),
        pictures=pictures,
        csv_name=f"report-{content.first}.csv",
        csv=_csv(figures, language),
    )


def _title(tile: TileContent, language: Language) -> str:
    return " ".join(tile.title.split()) or language["chart"]


def _show(
    tile: TileContent,
    figures: Figures | None,
    content: Content,
    content_id: str,
    pictures: list[Picture],
) -> _ShownTile:
    language = LANGUAGES[content.language]
    title = _title(tile, language)
    if tile.text is not None:
        return _ShownTile("", text=tile.text)
    if figures is None or tile.answer is None:
        reason = (
            language["failed"].format(error=tile.error) if tile.error else language[tile.note or ""]
        )
        return _ShownTile(title, note=reason, link=tile.link)
    headlines = [
        (
            one.label,
            language.cell(one.value, one.unit, figures.currency),
            language["before"].format(value=language.cell(one.previous, one.unit, figures.currency))
            if one.has_previous
            else "",
        )
        for one in figures.headlines
    ]
    tables = [
        _shown_table(table, figures, language)
        for table in figures.tables
        if table.is_shown and table.rows
    ]
    has_picture = figures.picture is not None and _has_values(figures.picture)
    if has_picture and figures.picture is not None:
        pictures.append(Picture(content_id, draw(figures.picture, language.number)))
    return _ShownTile(
        title=title,
        days=language.range(tile.answer["from"], tile.answer["to"], ZoneInfo(content.timezone)),
        note="" if has_picture or tables else language["empty"],
        link=tile.link,
        headlines=headlines,
        tables=tables,
        legend=_legend(figures),
        numbered=language["numbered"] if has_picture and isinstance(figures.picture, Bars) else "",
        content_id=content_id if has_picture else "",
        alt=_alt(title, headlines, tables, language),
    )


def _has_values(picture: Any) -> bool:
    rows = (
        picture.lines
        if isinstance(picture, Lines)
        else getattr(picture, "rows", None) or [getattr(picture, "values", [])]
    )
    return any(value for row in rows for value in row)


def _legend(figures: Figures) -> list[tuple[str, str]]:
    """Return colours and names of lines, in the order of the lines; none for a single one."""
    picture = figures.picture
    if not isinstance(picture, Lines) or len(picture.lines) == 1:
        return []
    names = [str(row[0]) for row in figures.tables[0].rows]
    return list(zip(COLOURS, names[:MAX_LINES], strict=False))


def _shown_table(table: Table, figures: Figures, language: Language) -> _ShownTable:
    rows = [
        [
            language.cell(value, column.unit, figures.currency)
            for value, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows[:_SHOWN_ROWS]
    ]
    hidden = len(table.rows) - len(rows)
    return _ShownTable(
        heads=[column.label for column in table.columns],
        numeric=[column.unit not in {"text", "time"} for column in table.columns],
        rows=rows,
        more=language["more"].format(count=language.number(hidden)) if hidden else "",
    )


def _alt(
    title: str,
    headlines: Sequence[tuple[str, str, str]],
    tables: Sequence[_ShownTable],
    language: Language,
) -> str:
    """Say what a picture shows, for those who do not see it."""
    figures = [f"{label} {value}" for label, value, _ in headlines]
    if not figures and tables:
        figures = [" ".join(row[:2]) for row in tables[0].rows[:_ALT_ROWS]]
    return f"{language['chart']}: {title}. {'; '.join(figures)}"


def _csv(figures: Sequence[tuple[str, Figures]], language: Language) -> bytes:
    """Return every figure of every tile, one a line, in the form that spreadsheets filter by."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(language[head] for head in ("tile", "row", "time", "measure", "value"))
    for title, one in figures:
        for headline in one.headlines:
            writer.writerow(_escaped([title, "", "", headline.label, headline.value]))
        for table in one.tables:
            writer.writerows(_escaped([title, *cells]) for cells in _long_rows(table))
    return (BYTE_ORDER_MARK + file.getvalue()).encode()


def _long_rows(table: Table) -> Iterator[list[Any]]:
    for row in table.rows:
        cells = list(zip(table.columns, row, strict=True))
        name = " → ".join(str(value) for column, value in cells if column.unit == "text")
        time = next((value for column, value in cells if column.unit == "time"), "")
        for column, value in cells:
            if column.unit not in {"text", "time"} and value is not None:
                yield [name, time, column.label, value]


def _escaped(cells: Sequence[Any]) -> list[Any]:
    return [escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]

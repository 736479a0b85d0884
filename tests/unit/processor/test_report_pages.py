"""The mail of a report: its figures, hostile names, empty and failing tiles, and its pictures."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from PIL import Image

from services.processor.reports.content import Content, TileContent
from services.processor.reports.page import write
from services.processor.reports.render import RenderingFailed, render

DAY = {"from": "2026-03-09T00:00:00+00:00", "to": "2026-03-10T00:00:00+00:00"}
HOURS = [f"2026-03-09T{hour:02}:00:00+00:00" for hour in range(24)]
HOSTILE = '=HYPERLINK("http://evil.example.org")<script>alert(1)</script>&amp;'
ARABIC, EMOJI = "الزيارات اليومية", "🚀 Launch 🇫🇮"


def series(label: str, values: list[int], **more: Any) -> dict[str, Any]:
    fields = {"event": label, "metric": "count", "breakdown": None}
    return {
        **fields,
        "label": label,
        "dates": HOURS,
        "values": values,
        "total": sum(values),
        **more,
    }


def trends(*labels: str) -> dict[str, Any]:
    lines = [series(label, [hour * 7 for hour in range(24)]) for label in labels]
    return {**DAY, "interval": "hour", "series": lines, "previous": lines}


def content(*tiles: TileContent, language: str = "en") -> Content:
    return Content(
        name="Daily figures",
        project="Shop",
        timezone="UTC",
        language=language,
        frequency="daily",
        first="2026-03-09",
        last="2026-03-09",
        link="https://tidemark.example.org/p/1/dashboards/2",
        tiles=list(tiles),
    )


def tile(
    title: str, answer: dict[str, Any] | None, kind: str = "trends", **more: Any
) -> TileContent:
    return TileContent(title=title, kind=kind, answer=answer, **more)


def rows_of(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_figures_are_in_html_text_csv_and_in_the_words_for_a_picture() -> None:
    made = write(content(tile("Page views", trends("page_view"))))
    total = "1,932"  # 7 * (0 + 1 + … + 23)
    assert total in made.html
    assert total in made.text
    assert f'alt="Chart: Page views. page_view {total}"' in made.html
    rows = rows_of(made.csv)
    assert rows[0] == ["Tile", "Row", "Time", "Measure", "Value"]
    assert ["Page views", "page_view", HOURS[23], "Value", "161"] in rows
    [picture] = made.pictures
    assert f'src="cid:{picture.content_id}"' in made.html
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.size == (1120, 480)
        assert len(image.convert("RGB").getcolors() or []) > 5


def test_a_german_mail_writes_german_numbers_and_words() -> None:
    made = write(content(tile("Besuche", trends("page_view")), language="de"))
    assert "1.932" in made.text
    assert "09.03.2026" in made.subject
    assert rows_of(made.csv)[0] == ["Kachel", "Zeile", "Zeit", "Messgröße", "Wert"]


def test_hostile_names_are_text_in_the_page_and_no_formula_in_the_file() -> None:
    made = write(content(tile(HOSTILE, trends(HOSTILE)), TileContent(text="<b>note</b>")))
    assert "<script>" not in made.html
    assert "<b>note" not in made.html
    assert "&lt;script&gt;" in made.html
    assert all(
        not row[0].startswith("=") and not row[1].startswith("=") for row in rows_of(made.csv)
    )
    assert "\n" not in write(content(tile("two\nlines", trends("a")))).subject


def test_names_in_other_scripts_stand_in_the_text_and_not_in_the_pictures() -> None:
    made = write(content(tile(ARABIC, trends(ARABIC, EMOJI)), tile(EMOJI, trends("a"))))
    for name in (ARABIC, EMOJI):
        assert re.search(rf'<h2 dir="auto"[^>]*>{name}</h2>', made.html)
        assert name in made.text
        assert name in made.csv.decode()


def test_a_tile_that_failed_says_so_and_the_others_are_there() -> None:
    broken = {**trends("a"), "series": [{"label": "no total"}]}
    made = write(
        content(
            tile("Slow", None, error="The query took too long."),
            tile("Broken", broken),
            tile("", None, note="gone"),
            tile("Of several", None, note="projects"),
            tile("Fine", trends("page_view")),
        )
    )
    assert "The query took too long." in made.html
    assert "The insight of this tile was deleted." in made.html
    assert made.html.count("could not be computed") == 2
    assert "1,932" in made.html
    assert len(made.pictures) == 1


def test_a_tile_without_data_says_that_nothing_was_recorded() -> None:
    empty = {**trends("page_view"), "series": [series("page_view", [0] * 24)], "previous": []}
    breakdown = {**DAY, "items": [], "total_events": 0, "total_persons": 0}
    made = write(content(tile("None", empty), tile("Countries", breakdown, "breakdown")))
    assert made.html.count("Nothing was recorded in this period.") == 2
    assert made.pictures == []
    assert "The dashboard has no tiles." in write(content()).html


def test_a_missing_value_and_the_empty_text_are_told_apart() -> None:
    answer = trends("page_view")
    answer["series"] = [
        series("page_view", [number] * 24, breakdown=value, is_other=False)
        for number, value in ((1, None), (2, ""))
    ]
    answer["previous"] = answer["series"]
    made = write(content(tile("Plans", answer)))
    totals = {row[1]: row[4] for row in rows_of(made.csv) if row[2] == HOURS[0]}
    assert totals == {"page_view: Not set": "1", "page_view: Empty text": "2"}


def test_a_range_ends_on_its_last_day_where_the_next_one_begins_at_one() -> None:
    # Cairo goes from 23:59 on 23 April to 01:00 on 24 April.
    answer = {
        **trends("page_view"),
        "from": "2026-04-22T00:00:00+02:00",
        "to": "2026-04-24T01:00:00+03:00",
    }
    made = write(msgspec.structs.replace(content(tile("Views", answer)), timezone="Africa/Cairo"))
    assert "22 Apr 2026 – 23 Apr 2026" in made.text


def test_sixty_tiles_are_all_in_the_mail_within_the_limit_of_memory() -> None:
    made = render(content(*(tile(f"Tile {n}", trends("a", "b")) for n in range(60))))
    assert len(made.pictures) == 60
    assert made.html.count("<h2 ") == 60
    assert sum(len(one.png) for one in made.pictures) < 3_000_000


def test_a_report_that_needs_too_much_ends_its_child_alone() -> None:
    with pytest.raises(RenderingFailed, match="Use fewer tiles"):
        render(content(TileContent(text="x" * 40_000_000)), memory_mb=16)
    with pytest.raises(RenderingFailed, match="took longer"):
        render(content(tile("A", trends("a"))), seconds=0.01)


def test_the_worker_itself_never_loads_what_draws() -> None:
    code = "import sys, services.processor.jobs.tasks; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""Chunks of an import on their way from the process that reads the file."""

from __future__ import annotations

from multiprocessing import Pipe
from threading import Thread

from services.processor.imports.outcomes import UNKNOWN_DAY, Refusal
from services.processor.imports.reading_ahead import ReadAhead, serve_chunks
from services.processor.imports.translating import RefusedRow, TranslatedRow
from shared.events.envelope import Campaign, Event, PersonChange
from shared.imports.events import Window
from shared.policies.event_rules import EventRules

RULES = EventRules(["web"])


def row(number: int, **event: object) -> TranslatedRow:
    fields = {"event_id": b"\x00\xff" * 8, "event_name": "a", "timestamp_us": 2**62}
    fields |= {"distinct_id": "u", "properties": b"\xff", **event}
    return TranslatedRow(number, 1, 2, 2**62, b"\x00\xff", Event(**fields), b"\xff")  # type: ignore[arg-type]


def test_every_row_arrives_as_it_was_read_also_beside_one_that_cannot_be_packed() -> None:
    why = RefusedRow((UNKNOWN_DAY, "\x00"), Refusal(3, 3, "why", "\N{GRINNING FACE}", b"\xed\xa0"))
    plain = [
        row(1, campaign=Campaign("x"), groups={"a": "b"}, sample_weight=1e308),
        row(2, person=PersonChange("alias", "v", b"{}", unset=("w",))),
        TranslatedRow(3, 3, 3, 9, b"", refused=why),
    ]
    odd = [*plain, row(4, event_name="half \ud800")]
    chunks = [plain, odd, plain]
    asked: list[tuple[Window, EventRules]] = []

    def take(window: Window, rules: EventRules) -> list[TranslatedRow]:
        asked.append((window, rules))
        return chunks.pop(0) if chunks else []

    here, there = Pipe()
    reader = Thread(target=serve_chunks, args=(there, take), daemon=True)
    reader.start()
    ahead = ReadAhead(here)
    window = Window(1, 2, 3)
    assert [ahead.take(window, RULES) for _ in range(4)] == [plain, odd, plain, []]
    here.close()
    reader.join(10)
    assert (reader.is_alive(), asked) == (False, [(window, RULES)] * 4)

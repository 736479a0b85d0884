"""The texts of reports, and how a language writes numbers, times and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from services.processor.reports.figures import Cell, Unit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORTEST_SHARE = 0.001

_EN = {
    "series": "Series",
    "total": "Total",
    "previous": "Before",
    "time": "Time",
    "value": "Value",
    "step": "Step",
    "users": "Users",
    "conversion": "Conversion",
    "from_previous": "From before",
    "median_time": "Median time",
    "completed": "Completed",
    "began": "Began",
    "from": "From",
    "to": "To",
    "visits": "Visits",
    "state": "State",
    "intervals": "Intervals",
    "at_least": "In at least so many",
    "events": "Events",
    "share": "Share",
    "sessions": "Sessions",
    "events_per_session": "Events per session",
    "average_time": "Average time",
    "bounce_rate": "Bounce rate",
    "revenue": "Revenue",
    "purchases": "Purchases",
    "refunded": "Refunded",
    "payers": "Paying users",
    "active_users": "Active users",
    "per_active": "Per active user",
    "per_payer": "Per paying user",
    "level": "Level",
    "starts": "Starts",
    "fails": "Fails",
    "completes": "Completes",
    "currency": "Currency",
    "item": "Item",
    "gained": "Gained",
    "spent": "Spent",
    "daily_active": "Daily active users",
    "day_1": "Back after 1 day",
    "day_7": "Back after 7 days",
    "day_30": "Back after 30 days",
    "new": "New",
    "returning": "Returning",
    "resurrecting": "Resurrecting",
    "dormant": "Dormant",
    "other": "(other)",
    "none": "Not set",
    "empty_text": "Empty text",
    "tile": "Tile",
    "row": "Row",
    "measure": "Measure",
    "daily": "Daily report",
    "weekly": "Weekly report",
    "monthly": "Monthly report",
    "time_zone": "Days in {zone}",
    "before": "{value} before",
    "empty": "Nothing was recorded in this period.",
    "more": "{count} more rows are in the attached CSV file.",
    "chart": "Chart",
    "numbered": "Numbers below the bars are rows of the table.",
    "failed": "These figures could not be computed: {error}",
    "projects": (
        "This tile asks several projects, and a report covers one. Open the dashboard to see it."
    ),
    "gone": "The insight of this tile was deleted.",
    "late": "The tiles before this one took too long. Open the dashboard to see it.",
    "open": "Open in Tidemark",
    "why": "You get this mail because a member of {project} added your address to this report.",
    "unsubscribe": "Unsubscribe",
    "no_tiles": "The dashboard has no tiles.",
    "csv": "All figures are in the attached CSV file.",
    "own": "You had this report sent to yourself.",
}
_DE = {
    "series": "Reihe",
    "total": "Summe",
    "previous": "Zuvor",
    "time": "Zeit",
    "value": "Wert",
    "step": "Schritt",
    "users": "Nutzer",
    "conversion": "Konversion",
    "from_previous": "Von davor",
    "median_time": "Median der Zeit",
    "completed": "Abgeschlossen",
    "began": "Begonnen",
    "from": "Von",
    "to": "Nach",
    "visits": "Besuche",
    "state": "Zustand",
    "intervals": "Intervalle",
    "at_least": "In mindestens so vielen",
    "events": "Ereignisse",
    "share": "Anteil",
    "sessions": "Sitzungen",
    "events_per_session": "Ereignisse je Sitzung",
    "average_time": "Durchschnittliche Zeit",
    "bounce_rate": "Absprungrate",
    "revenue": "Umsatz",
    "purchases": "Käufe",
    "refunded": "Erstattet",
    "payers": "Zahlende Nutzer",
    "active_users": "Aktive Nutzer",
    "per_active": "Je aktivem Nutzer",
    "per_payer": "Je zahlendem Nutzer",
    "level": "Level",
    "starts": "Starts",
    "fails": "Fehlschläge",
    "completes": "Abschlüsse",
    "currency": "Währung",
    "item": "Gegenstand",
    "gained": "Erhalten",
    "spent": "Ausgegeben",
    "daily_active": "Täglich aktive Nutzer",
    "day_1": "Nach 1 Tag zurück",
    "day_7": "Nach 7 Tagen zurück",
    "day_30": "Nach 30 Tagen zurück",
    "new": "Neu",
    "returning": "Wiederkehrend",
    "resurrecting": "Zurückgekehrt",
    "dormant": "Inaktiv",
    "other": "(andere)",
    "none": "Nicht gesetzt",
    "empty_text": "Leerer Text",
    "tile": "Kachel",
    "row": "Zeile",
    "measure": "Messgröße",
    "daily": "Täglicher Bericht",
    "weekly": "Wöchentlicher Bericht",
    "monthly": "Monatlicher Bericht",
    "time_zone": "Tage in {zone}",
    "before": "zuvor {value}",
    "empty": "In diesem Zeitraum wurde nichts erfasst.",
    "more": "{count} weitere Zeilen stehen in der angehängten CSV-Datei.",
    "chart": "Diagramm",
    "numbered": "Die Zahlen unter den Balken sind Zeilen der Tabelle.",
    "failed": "Diese Zahlen konnten nicht berechnet werden: {error}",
    "projects": (
        "Diese Kachel fragt mehrere Projekte, ein Bericht umfasst nur eines. Im Dashboard "
        "ist sie zu sehen."
    ),
    "gone": "Die Auswertung dieser Kachel wurde gelöscht.",
    "late": "Die Kacheln vor dieser brauchten zu lange. Im Dashboard ist sie zu sehen.",
    "open": "In Tidemark öffnen",
    "why": (
        "Sie erhalten diese E-Mail, weil ein Mitglied von {project} Ihre Adresse zu diesem "
        "Bericht hinzugefügt hat."
    ),
    "unsubscribe": "Abbestellen",
    "no_tiles": "Das Dashboard hat keine Kacheln.",
    "csv": "Alle Zahlen stehen in der angehängten CSV-Datei.",
    "own": "Sie haben sich diesen Bericht selbst geschickt.",
}


@dataclass(frozen=True, slots=True)
class Language:
    """The texts and the formats of a language."""

    name: str
    texts: Mapping[str, str]
    thousands: str
    decimal: str
    percent: str

    def __getitem__(self, key: str) -> str:
        """Return a text by its key."""
        return self.texts[key]

    def number(self, value: float) -> str:
        """Write a number with at most two decimals."""
        text = f"{value:,.2f}".rstrip("0").rstrip(".")
        text = text.removeprefix("-") if text == "-0" else text
        return (
            text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        ).replace("-", "−")

    def share(self, value: float) -> str:
        """Write a share with one decimal; one above zero is never 0 %."""
        if 0 < value < _SHORTEST_SHARE:
            return f"<{self.number(0.1)}{self.percent}"
        return f"{self.number(round(value * 100, 1))}{self.percent}"

    def cell(self, value: Cell, unit: Unit, currency: str | None = None) -> str:
        """Write a value of a table."""
        if value is None:
            return "–"
        if isinstance(value, str):
            return self.instant(value) if unit == "time" else value
        if unit == "share":
            return self.share(value)
        if unit == "seconds":
            return self.duration(value)
        text = self.number(value)
        return f"{text} {currency}" if unit == "amount" and currency else text

    def duration(self, seconds: float) -> str:
        """Write a duration in its two largest units."""
        if seconds < 60:
            return f"{self.number(round(seconds, 1))} s"
        days, rest = divmod(round(seconds), 86_400)
        hours, rest = divmod(rest, 3_600)
        parts = [(days, "d"), (hours, "h"), (rest // 60, "min"), (rest % 60, "s")]
        if self.name == "de":
            parts[0] = (days, "T")
        first = next(at for at, (count, _) in enumerate(parts) if count)
        return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)

    def day(self, day: date) -> str:
        """Write a day."""
        if self.name == "de":
            return f"{day:%d.%m.%Y}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def days(self, first: date, last: date) -> str:
        """Write a range of days, both included."""
        return self.day(first) if first == last else f"{self.day(first)} – {self.day(last)}"

    def instant(self, text: str) -> str:
        """Write the start of an interval: the day alone where it is a midnight."""
        instant = datetime.fromisoformat(text)
        day = self.day(instant.date())
        return day if (instant.hour, instant.minute) == (0, 0) else f"{day}, {instant:%H:%M}"

    def range(self, start: str, end: str, zone: ZoneInfo) -> str:
        """Write the range of an answer; the end is not part of it."""
        # In UTC, as where clocks skip midnight a day begins at 01:00 and ends at 23:59.
        last = datetime.fromisoformat(end).astimezone(timezone.utc) - timedelta(microseconds=1)
        return self.days(datetime.fromisoformat(start).date(), last.astimezone(zone).date())


LANGUAGES: Mapping[str, Language] = {
    "en": Language("en", _EN, ",", ".", "%"),
    "de": Language("de", _DE, ".", ",", "\u00a0%"),
}

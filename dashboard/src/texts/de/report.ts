import type { report as english } from "../en/report";

/** The bar of filters, dates and comparison above every report. */
export const report: typeof english = {
  toolbar: "Filter und Zeitraum",
  filter: "Filter",
  filters: "Filter",
  addFilter: "Filter hinzufügen",
  editFilter: (filter: string) => `Filter bearbeiten: ${filter}`,
  removeFilter: (filter: string) => `Filter entfernen: ${filter}`,
  clearFilters: "Filter leeren",
  matchAll: "Alle erfüllen",
  matchAny: "Einen erfüllen",
  property: "Eigenschaft",
  operator: "Operator",
  values: "Werte",
  searchValues: "Werte suchen…",
  apply: "Anwenden",
  condition: (property: string, operator: string, values: readonly string[]) =>
    `${property} ${operator}${values.length > 0 ? ` ${values.join(" oder ")}` : ""}`,
  conditionBetween: (property: string, operator: string, low: string, high: string) => `${property} ${operator} ${low} und ${high}`,

  segments: "Segmente",
  segmentsOf: (count: number) => `Segmente (${count})`,
  noSegments: "Noch keine Segmente. Fügen Sie Filter hinzu, und speichern Sie sie hier unter einem Namen.",
  segmentsNotLoaded: "Die Segmente konnten nicht geladen werden.",
  segmentNotSaved: "Das Segment konnte nicht gespeichert werden.",
  allSegments: "Alle davon",
  anySegment: "Eines davon",
  howSegmentsJoin: "Verknüpfung",
  segmentName: "Name",
  saveAsSegment: "Als Segment speichern",
  saveAsSegmentNote: "Speichert die aktuellen Filter unter einem Namen, für alle im Projekt.",
  segment: (name: string) => `Segment: ${name}`,
  deletedSegment: (id: number) => `Segment ${id} wurde gelöscht`,
  removeSegment: (name: string) => `Segment entfernen: ${name}`,
  renameSegment: (name: string) => `Segment umbenennen: ${name}`,
  deleteSegment: (name: string) => `Segment löschen: ${name}`,
  segmentDeleted: (name: string) => `Segment „${name}“ gelöscht. Analysen und Links, die es nennen, melden dann, dass es fehlt.`,

  dates: "Zeitraum",
  datesOf: (range: string) => `Zeitraum: ${range}`,
  customRange: "Eigener Zeitraum",
  from: "Von",
  to: "Bis",
  endBeforeStart: "Das Enddatum muss nach dem Anfangsdatum liegen.",
  noDay: "Geben Sie ein Datum ein.",
  daysIn: (zone: string) => `Tage in ${zone}`,

  compare: "Vergleichen",
  comparisons: {
    none: "Kein Vergleich",
    previous_period: "Vorheriger Zeitraum",
    previous_year: "Vorjahr",
    weekdays: "Gleiche Wochentage",
  },
  comparedWith: {
    none: "Vergleichen",
    previous_period: "mit vorherigem Zeitraum",
    previous_year: "mit Vorjahr",
    weekdays: "mit gleichen Wochentagen",
  },

  interval: "Intervall",
  automaticInterval: "Automatisch",
  unknownParameters: (names: readonly string[]) =>
    `Dieser Link hat Angaben, die Tidemark nicht kennt (${names.join(", ")}). Sie werden nicht angewendet.`,
};

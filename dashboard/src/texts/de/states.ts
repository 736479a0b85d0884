import type { states as english } from "../en/states";

/** What a page says while it has nothing to show, or only something old. */
export const states: typeof english = {
  filteredBy: (filters: readonly string[]) => `Gefiltert nach: ${filters.join("; ")}`,
  offline: "Sie sind offline.",
  offlineSince: (time: string) => `Sie sind offline. Gezeigt werden Daten von ${time}.`,
  stale: (time: string) => `Gezeigt werden Daten von ${time}; die Verbindung wird wiederhergestellt…`,
  parts: {
    auth: "Anmeldung und Einstellungen",
    ingest: "die Annahme von Ereignissen",
    processor: "das Speichern von Ereignissen",
    flags: "Feature-Flags",
    live: "Live-Ansichten",
  },
  stillCounting: "Wird noch gezählt…",
};

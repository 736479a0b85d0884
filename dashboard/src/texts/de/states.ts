import type { states as english } from "../en/states";

/** What a page says while it has nothing to show, or only something old. */
export const states: typeof english = {
  filteredBy: (filters: readonly string[]) => `Gefiltert nach: ${filters.join("; ")}`,
  offline: "Sie sind offline.",
  slowServer: "Der Server hat seit 10 Sekunden nicht geantwortet. Die Zahlen dieser Seite stammen aus seinen letzten Antworten; sie ändern sich von selbst, sobald er antwortet.",
  offlineSince: (time: string) => `Sie sind offline. Gezeigt werden Daten von ${time}.`,
  stale: (time: string) => `Gezeigt werden Daten von ${time}; die Verbindung wird wiederhergestellt…`,
  stillCounting: "Wird noch gezählt…",
};

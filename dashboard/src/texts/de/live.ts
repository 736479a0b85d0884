import { exactNumber } from "../../format/numbers";
import type { live as english } from "../en/live";
import { users } from "./words";

/** What happens in a project right now. */
export const live: typeof english = {
  title: "Live",
  tab: (project: string) => `Live: ${project}`,
  notLoaded: "Was gerade geschieht, konnte nicht geladen werden",
  stale: "Das ist möglicherweise veraltet",
  now: "Nutzer jetzt",
  nowNote: (minutes: number) => `mit einem Ereignis in ${minutes === 1 ? "der letzten Minute" : `den letzten ${minutes} Minuten`}`,
  minutesOf: (counts: readonly number[]) => `Nutzer pro Minute, die letzten ${counts.length} Minuten: ${counts.join(", ")}`,
  minute: (clock: string, count: number) => `${clock}: ${users(count)}`,
  users: "Nutzer",
  minuteStart: "Minute",
  byMinute: (zone: string) => `Nutzer pro Minute, Zeiten in ${zone}`,
  minutesAgo: (count: number) => `vor ${exactNumber(count)} min`,
  pages: "Seiten jetzt",
  sources: "Quellen jetzt",
  countries: "Länder jetzt",
  nobody: "Gerade ist niemand da.",
  nobodyOnPages: "Gerade ist niemand auf einer Seite.",
  direct: "Direkt / keine",
  noPage: "Keine Seite",
  unknown: "Unbekannt",
  stream: "Ereignisse",
  filterByName: "Nach Ereignis filtern",
  allEvents: "Alle Ereignisse",
  noSuchEvent: "Kein solches Ereignis",
  noneOfFilters: "Kein Ereignis entspricht den Filtern.",
  noneOfThisName: "Es gibt keine Ereignisse mit diesem Namen.",
  noEvents: "Noch keine Ereignisse.",
  pause: "Anhalten",
  resume: "Fortsetzen",
  paused: "Angehalten",
  waiting: "Angehalten, solange Sie die Ereignisse lesen",
};

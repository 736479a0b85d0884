import type { data as english } from "../en/data";
import { rich } from "../rich";

/** Import and export. */

export const data: typeof english = {
  title: "Import & Export",
  note: "Bringen Sie Vergangenes mit, und nehmen Sie Ihre Ereignisse mit: alles, was gespeichert ist, in offenen Formaten",
  events: "Ereignisse",
  eventsNote: "Die Ereignisse des gewählten Zeitraums, die zu den Filtern passen, die ältesten zuerst. Die Datei entsteht beim Senden und darf beliebig groß sein.",
  event: "Ereignis",
  anyEvent: "Jedes Ereignis",
  noSuchEvent: "Kein solches Ereignis",
  format: "Format",
  formats: { csv: "CSV, für Tabellen", jsonl: "JSON-Zeilen", json: "JSON", parquet: "Parquet, für Datenwerkzeuge" },
  download: "Herunterladen",
  fromCommandLine: "Von der Befehlszeile",
  keyNote: rich("Mit einem geheimen Schlüssel ({prefix}…) dieses Projekts."),
  users: "Daten eines Nutzers",
  usersNote: rich("Alles, was über einen Nutzer gespeichert ist, wird auf dessen Seite exportiert oder endgültig gelöscht: Suchen Sie ihn unter {users}."),
  usersLink: "Personen",
};

import type { sql as english } from "../en/sql";
import { plural } from "./words";

/** The page that runs SQL. */

export const sql: typeof english = {
  title: "SQL",
  note: "Ein SELECT über Ereignisse, Nutzer und Sitzungen dieses Projekts",
  statement: "Anweisung",
  run: "Ausführen",
  shortcut: "Strg + Eingabe",
  result: "Ergebnis",
  noRows: "Die Anweisung hat keine Zeilen",
  null: "NULL",
  caption: (rows: number, truncated: boolean, ms: number, zone: string) =>
    `${truncated ? "Die ersten " : ""}${plural(rows, "Zeile", "Zeilen")} · ${String(Math.round(ms))} ms · ${zone}`,
};

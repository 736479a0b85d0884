import { plural } from "./words";

/** The page that runs SQL. */

export const sql = {
  title: "SQL",
  note: "One SELECT over the events, users and sessions of this project",
  statement: "Statement",
  run: "Run",
  shortcut: "Ctrl + Enter",
  result: "Result",
  noRows: "The statement has no rows",
  null: "NULL",
  caption: (rows: number, truncated: boolean, ms: number, zone: string) =>
    `${truncated ? "The first " : ""}${plural(rows, "row", "rows")} · ${String(Math.round(ms))} ms · ${zone}`,
};

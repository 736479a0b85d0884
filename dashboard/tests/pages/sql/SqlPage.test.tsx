import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { server } from "../../support/server";

const PATH = "*/api/v1/analytics/7/sql";
const RESULT = {
  columns: [{ name: "event_name", kind: "text" }, { name: "n", kind: "integer" }, { name: "more", kind: "json" }],
  rows: [["visit", 2, { a: 1 }], [null, 9, true]],
  truncated: true,
  timezone: "Europe/Berlin",
  took_ms: 12.4,
};

test("a statement is run with the keyboard, and its rows are a table", async () => {
  const bodies: unknown[] = [];
  server.use(
    http.post(PATH, async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json(RESULT);
    }),
  );
  const person = openDashboard("/p/7/explore/sql");
  const statement = await screen.findByRole("textbox", { name: "Statement" });
  await person.clear(statement);
  expect(screen.getByRole("button", { name: "Run" })).toBeDisabled();
  await person.type(statement, "SELECT 1{Control>}{Enter}{/Control}");
  const table = await screen.findByRole("table", { name: /The first 2 rows · 12 ms · Europe\/Berlin/ });
  expect(bodies).toEqual([{ statement: "SELECT 1", limit: 1000, format: "json" }]);
  const rows = within(table).getAllByRole("row").map((row) => row.textContent);
  expect(rows).toEqual(["event_namenmore", 'visit2{"a":1}', "NULL9true"]);
});

test("what is wrong with a statement stands beside it", async () => {
  const refusal = { error: "unprocessable", code: "invalid_fields", message: "Invalid.", errors: { statement: ["There is no view users."] } };
  server.use(http.post(PATH, () => HttpResponse.json(refusal, { status: 422 })));
  const person = openDashboard("/p/7/explore/sql");
  await person.click(await screen.findByRole("button", { name: "Run" }));
  expect(await screen.findByRole("textbox", { name: "Statement" })).toHaveAccessibleDescription(/There is no view users/);
});

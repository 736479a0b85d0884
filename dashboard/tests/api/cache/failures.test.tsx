import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { goal, refusal, server, webHandlers } from "../../support/server";

/** Pages, what each asks for, and what it shows of an answer. */
const PAGES = [
  { address: "/p/7/goals", path: "*/api/v1/analytics/7/goals/", answer: { items: [goal], next_cursor: null }, shows: "Show who converts: Sign-up" },
  { address: "/projects", path: "*/api/v1/projects/", answer: { items: [], next_cursor: null }, shows: null },
];

test.each(PAGES)("$address keeps its failure while it is asked again", async ({ address, path, answer, shows }) => {
  let asked = 0;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => { release = resolve; });
  server.use(
    http.get(path, async () => {
      asked += 1;
      // Asked three times before it counts as failed.
      if (asked <= 3) return refusal(503, "The database is busy.");
      await held;
      return HttpResponse.json(answer);
    }),
    ...webHandlers,
  );
  const person = openDashboard(address);
  const button = await screen.findByRole("button", { name: "Try again" }, { timeout: 15_000 });
  await person.click(button);
  expect(await screen.findByRole("button", { name: "Trying again …" })).toHaveFocus();
  expect(screen.getByText(/^The database is busy\./)).toBeVisible();
  expect(screen.queryByRole("status", { name: /^Loading/ })).toBeNull();
  expect(asked).toBe(4);
  release();
  await waitFor(() => { expect(screen.queryByText(/^The database is busy\./)).toBeNull(); });
  if (shows !== null) expect(await screen.findByRole("link", { name: shows })).toBeVisible();
});

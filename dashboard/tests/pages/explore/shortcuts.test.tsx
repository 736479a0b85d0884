import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { server } from "../../support/server";

const QUERY = encodeURIComponent('{"series":[{"event":"visit"}]}');
const result = {
  from: "2026-11-01T00:00:00+00:00", to: "2026-11-03T00:00:00+00:00", timezone: "UTC", took_ms: 1, as_of: "2026-11-03T00:00:00+00:00", source: "raw",
  sealed_days: 0, cached: false, interval: "day",
  series: [{ label: "visit", event: "visit", metric: "count", values: [1, 2], total: 3, breakdown: null, dates: ["2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"] }],
};

beforeEach(() => {
  server.use(
    http.get("*/api/v1/analytics/7/definitions/*", () => HttpResponse.json({ items: [] })),
    http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post("*/api/v1/analytics/7/insights/trends", () => HttpResponse.json(result)),
  );
});

const address = () => screen.getByTestId("address").textContent;

test("T shows the chart as a table and back, E goes to the question, S saves", async () => {
  const person = openDashboard(`/p/7/explore/trends?q=${QUERY}`);
  await screen.findByText("As of", { exact: false });
  await person.keyboard("t");
  await waitFor(() => {
    expect(address()).toContain("chart=table");
  });
  await person.keyboard("t");
  await waitFor(() => {
    expect(address()).not.toContain("chart=table");
  });
  await person.keyboard("e");
  const field = screen.getByRole("combobox", { name: "Event 1" });
  await waitFor(() => {
    expect(field).toHaveFocus();
  });
  await person.keyboard("s");
  expect(screen.queryByRole("dialog", { name: "Save this insight" })).toBeNull();
  field.blur();
  await person.keyboard("s");
  expect(await screen.findByRole("dialog", { name: "Save this insight" })).toBeVisible();
  expect(screen.getByLabelText("Name")).toHaveValue("visit");
});

test("no key does anything while somebody types, holds Ctrl or sees a dialog", async () => {
  const person = openDashboard(`/p/7/explore/trends?q=${QUERY}`);
  await screen.findByText("As of", { exact: false });
  const before = address();
  await person.keyboard("{Control>}t{/Control}{Meta>}s{/Meta}");
  await person.keyboard("s");
  const name = await screen.findByLabelText("Name");
  await waitFor(() => {
    expect(name).toHaveFocus();
  });
  await person.keyboard("etswdmy/?");
  expect(name).toHaveValue("etswdmy/?");
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
  expect(address()).toBe(before);
});

import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { server } from "../../support/server";

test("the download has the period, the event and the format that were chosen", async () => {
  server.use(http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: [{ name: "paid", hidden: false }] })));
  const person = openDashboard("/p/7/data?period=7d");
  await person.click(await screen.findByRole("radio", { name: "JSON lines" }));
  await person.click(screen.getByRole("combobox", { name: "Event" }));
  await person.click(await screen.findByRole("option", { name: "paid" }));
  const link = screen.getByRole("link", { name: "Download" });
  await waitFor(() => {
    expect(link).toHaveAttribute("href", "/api/v1/analytics/7/exports/events?period=7d&event_name=paid&format=jsonl");
  });
  expect(screen.getByRole("group", { name: "From the command line" })).toHaveTextContent("-o events.jsonl");
});

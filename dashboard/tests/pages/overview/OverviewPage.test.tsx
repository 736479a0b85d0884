import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { health, overview, recentEvent, refusal, server, topEvents } from "../../support/server";

const HOSTILE = `<img src=x onerror="document.title='owned'"> "'&`;

const feed = () => screen.findByRole("region", { name: "Recent events" });

function eventsAre(...names: (string | ReturnType<typeof recentEvent>)[]) {
  const items = names.map((name) => (typeof name === "string" ? recentEvent(name) : name));
  server.use(
    http.get("*/api/events/", ({ request }) => {
      const only = new URL(request.url).searchParams.get("event_name");
      return HttpResponse.json({
        items: items.filter((event) => only === null || event.event_name === only),
        next_cursor: null,
      });
    }),
  );
}

test("figures are short, exact for screen readers, and compared with the previous period", async () => {
  openDashboard("/p/7");
  const total = await screen.findByRole("region", { name: "Total events" });
  await waitFor(() => {
    expect(total).toHaveTextContent("1.2M1,234,567+23.5%, 1,000,000 in the previous 7 days");
  });
  expect(screen.getByRole("region", { name: "Unique users" })).toHaveTextContent("−20%");
  expect(screen.getByRole("region", { name: "Sessions" })).toHaveTextContent("unchanged");
  expect(screen.getByRole("region", { name: "Page views" })).toHaveTextContent("no data for the previous 7 days");
});

test("the project's time zone is named", async () => {
  openDashboard("/p/7");
  expect(await screen.findByText(/^Times in Europe\/Helsinki \(GMT\+[23]\)$/)).toBeVisible();
});

test("the period is in the address, and every report is fetched for it", async () => {
  const asked = new Set<string>();
  server.use(
    http.get("*/api/v1/analytics/7/:report", ({ request, params }) => {
      asked.add(`${String(params["report"])} ${new URL(request.url).searchParams.get("period") ?? ""}`);
      return undefined;
    }),
  );
  const person = openDashboard("/p/7?period=30d");
  expect(await screen.findByRole("radio", { name: "30 days" })).toBeChecked();
  await person.click(screen.getByRole("radio", { name: "Today" }));
  expect(screen.getByTestId("address")).toHaveTextContent("/p/7?period=today");
  await waitFor(() => {
    expect([...asked].sort()).toEqual(
      ["intake", "overview", "timeseries", "top-events"].flatMap((report) => [`${report} 30d`, `${report} today`]),
    );
  });
});

test("new events appear by themselves, and not while paused", async () => {
  eventsAre("first_event");
  const person = openDashboard("/p/7");
  expect(await within(await feed()).findByRole("button", { name: /first_event/ })).toBeVisible();
  eventsAre("second_event", "first_event");
  expect(await within(await feed()).findByRole("button", { name: /second_event/ })).toBeVisible();

  await person.click(screen.getByRole("button", { name: "Pause live updates" }));
  eventsAre("third_event", "second_event", "first_event");
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  expect(within(await feed()).queryByRole("button", { name: /third_event/ })).not.toBeInTheDocument();
  expect(screen.getByText(/^paused, updated \d+ s ago$/)).toBeVisible();
});

test("when the server fails the last figures stay, marked as out of date", async () => {
  openDashboard("/p/7");
  const total = await screen.findByRole("region", { name: "Total events" });
  await waitFor(() => {
    expect(total).toHaveTextContent("1,234,567");
  });
  server.use(http.get("*/api/v1/analytics/7/overview", () => refusal(503, "Query is away.")));
  expect(await screen.findByText("These figures may be out of date")).toBeVisible();
  expect(screen.getByText("Query is away.")).toBeVisible();
  expect(total).toHaveTextContent("1,234,567");
});

test("an event opens to its time in the project's zone and its properties", async () => {
  const person = openDashboard("/p/7");
  const row = await within(await feed()).findByRole("button", { name: /page_view/ });
  expect(row).toHaveAttribute("aria-expanded", "false");
  await person.click(row);
  expect(row).toHaveAttribute("aria-expanded", "true");
  expect(within(await feed()).getByText("Oct 25, 2026, 03:30:00 GMT+3")).toBeVisible();
  expect(within(await feed()).getByLabelText("Properties").textContent).toBe('{\n  "level": 3\n}');
});

test("the feed shows only events of a chosen name", async () => {
  eventsAre("page_view", "purchase");
  const person = openDashboard("/p/7");
  await within(await feed()).findByRole("button", { name: /page_view/ });
  await person.click(screen.getByRole("combobox", { name: "Filter by event" }));
  await person.click(await screen.findByRole("option", { name: "purchase" }));
  expect(await within(await feed()).findByRole("button", { name: /purchase/ })).toBeVisible();
  expect(within(await feed()).queryByRole("button", { name: /page_view/ })).not.toBeInTheDocument();
});

test("a hostile event is text everywhere, and its address is no link", async () => {
  eventsAre(recentEvent(HOSTILE, { page_url: "javascript:alert(1)", properties: { [HOSTILE]: HOSTILE } }));
  server.use(
    http.get("*/api/v1/analytics/7/top-events", () =>
      HttpResponse.json({ ...topEvents, items: [{ event_name: HOSTILE, count: 3, share: 1 }], total_events: 3 }),
    ),
  );
  const person = openDashboard("/p/7");
  await person.click(await within(await feed()).findByRole("button", { name: /img src=x/ }));
  const chart = await screen.findByRole("img", { name: /^Most frequent events: <img src=x/ });
  expect(chart.querySelector("svg")).not.toBeNull();
  await person.click(screen.getByRole("button", { name: "Show as table: Top events" }));
  expect(await screen.findByRole("rowheader", { name: HOSTILE })).toBeVisible();
  expect(document.querySelector("img")).toBeNull();
  expect(within(await feed()).getByText("javascript:alert(1)")).toBeVisible();
  expect(document.querySelector("a[href^='javascript']")).toBeNull();
});

test("a web address is a link that sends no referrer", async () => {
  eventsAre(recentEvent("page_view", { page_url: "https://example.org/a" }));
  const person = openDashboard("/p/7");
  await person.click(await within(await feed()).findByRole("button", { name: /page_view/ }));
  const link = within(await feed()).getByRole("link", { name: "https://example.org/a" });
  expect(link).toHaveAttribute("rel", "noreferrer noopener");
});

test("every chart can be read as a table", async () => {
  const person = openDashboard("/p/7");
  await person.click(await screen.findByRole("button", { name: "Show as table: Events over time" }));
  const table = await screen.findByRole("table", { name: "Events by interval, times in Europe/Helsinki" });
  expect(within(table).getAllByRole("row").map((row) => row.textContent)).toEqual([
    "StartAll events",
    "Sun, Oct 25, 2026234,567",
    "Sat, Oct 24, 20261,000,000",
  ]);
  await person.click(screen.getByRole("button", { name: "Show as table: Share of events" }));
  const shares = await screen.findByRole("table", { name: "Share of all events" });
  expect(within(shares).getByRole("row", { name: "purchase <0.1% 567" })).toBeVisible();
});

test("a period without events says so", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/top-events", () => HttpResponse.json({ ...topEvents, items: [], total_events: 0 })),
    http.get("*/api/v1/analytics/7/overview", () => HttpResponse.json({ ...overview, total_events: 0 })),
  );
  openDashboard("/p/7");
  expect(await screen.findAllByText("No events in this period")).toHaveLength(2);
});

test("an empty project says how to send events, and shows charts after the first one", async () => {
  eventsAre();
  openDashboard("/p/7");
  expect(await screen.findByText("Waiting for your first event")).toBeVisible();
  expect(screen.getByRole("group", { name: "Paste into the <head> of every page" })).toHaveTextContent(
    `<script async src="${window.location.origin}/static/sdk/sdk.min.js" data-project="pk_public"></script>`,
  );
  expect(screen.getByRole("link", { name: "Snake" })).toHaveAttribute("href", "/demo/snake/?key=pk_public");
  eventsAre("page_view");
  expect(await screen.findByRole("region", { name: "Total events" })).toBeVisible();
});

test("figures stand under their own dates while those of another period are awaited", async () => {
  const person = openDashboard("/p/7?period=7d");
  const total = await screen.findByRole("region", { name: "Total events" });
  await waitFor(() => {
    expect(total).toHaveTextContent("in the previous 7 days");
  });
  server.use(http.get("*/api/v1/analytics/7/overview", () => new Promise<never>(() => undefined)));
  await person.click(screen.getByRole("radio", { name: "90 days" }));
  expect(total).toHaveTextContent("1,234,567+23.5%, 1,000,000 in the previous 7 days");
  expect(total.closest("[data-outdated]")).toHaveAttribute("data-outdated", "true");
  await waitFor(
    () => {
      expect(total).not.toHaveTextContent("1,234,567");
    },
    { timeout: 4_000 },
  );
  expect(total).not.toHaveTextContent("90");
});

test("Back returns to the period before", async () => {
  const person = openDashboard("/p/7?period=7d");
  await person.click(await screen.findByRole("radio", { name: "30 days" }));
  await person.click(screen.getByRole("radio", { name: "90 days" }));
  expect(screen.getByTestId("address")).toHaveTextContent("period=90d");
  await person.click(screen.getByTestId("back"));
  expect(await screen.findByRole("radio", { name: "30 days" })).toBeChecked();
});

test("refused events of the period are named with their reasons", async () => {
  server.use(
    http.get("*/api/v1/analytics/7/intake", () =>
      HttpResponse.json({ received: 12, outcomes: { stored: 9, missing_name: 2, too_old: 1 }, warnings: [] }),
    ),
  );
  openDashboard("/p/7");
  const alert = await screen.findByText("3 events of 12 received in this period are not counted");
  expect(alert.closest("[role=alert]")).toHaveTextContent("2: missing name1: too old");
});

test("events that the project's settings leave out are no fault, and are named apart from refused ones", async () => {
  const outcomes = { stored: 9, sampled_out: 80, bot: 3, do_not_track: 4, no_consent: 2, too_old: 1 };
  server.use(http.get("*/api/v1/analytics/7/intake", () => HttpResponse.json({ received: 99, outcomes, warnings: [] })));
  openDashboard("/p/7");
  const note = await screen.findByText(
    "This project's settings leave out 89 events of 99 received in this period (80: sampled out, 4: do not track, 3: bot, 2: no consent)",
  );
  expect(note.closest("[role=alert]")).toBeNull();
  expect(screen.getByRole("alert")).toHaveTextContent(/^1 event of 99 received in this period is not counted1: too old$/);
});

test("a project that samples has no alert", async () => {
  const outcomes = { stored: 9, sampled_out: 90 };
  server.use(http.get("*/api/v1/analytics/7/intake", () => HttpResponse.json({ received: 99, outcomes, warnings: [] })));
  openDashboard("/p/7");
  expect(await screen.findByText(/^This project's settings leave out 90 events/)).toBeVisible();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("figures do not need the counts of refused events", async () => {
  server.use(http.get("*/api/v1/analytics/7/intake", () => refusal(422, "Use a shorter range.")));
  openDashboard("/p/7");
  const total = await screen.findByRole("region", { name: "Total events" });
  await waitFor(() => {
    expect(total).toHaveTextContent("1,234,567");
  });
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("the page says how far stored events are behind", async () => {
  server.use(http.get("*/api/v1/health/", () => HttpResponse.json({ ...health, stream: { oldest_seconds: 14.4 } })));
  openDashboard("/p/7");
  expect(await screen.findByText("Data is 14 s behind")).toBeVisible();
});

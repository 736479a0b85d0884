import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import type { Live } from "../../../src/api/reports/home";
import { openDashboard } from "../../support/render";
import { goal, keyMetric, keyMetrics, liveEvents, liveNow, liveVisitors, movers, recentEvent, refusal, server } from "../../support/server";

const HOSTILE = `<img src=x onerror="document.title='owned'"> "'&`;

const feed = () => screen.findByRole("region", { name: "Latest events" });
const figure = (name: string) => screen.findByRole("region", { name });

function eventsAre(...names: (string | ReturnType<typeof recentEvent>)[]) {
  liveIs(liveNow(...names.map((name) => (typeof name === "string" ? recentEvent(name) : name))));
}

function liveIs(live: Live) {
  server.use(http.get("*/api/v1/analytics/7/live", () => HttpResponse.json(live)));
}

test("figures are short, exact for screen readers, and compared with the dates before", async () => {
  openDashboard("/p/7");
  const total = await figure("Events");
  await waitFor(() => {
    expect(total).toHaveTextContent(/1\.2M, Events · .*: show users\+23\.5%, 1,000,000 in Oct 20\s–\s22, 2026/);
  });
  expect(await figure("Users")).toHaveTextContent(/320, .*: show users−20%/);
  expect(await figure("New users")).toHaveTextContent("unchanged");
  expect(await figure("Sessions")).toHaveTextContent("0 in Oct 20 – 22, 2026");
  expect(screen.queryByRole("region", { name: "Page views" })).not.toBeInTheDocument();
});

test("a figure says its record, and what today is on course for", async () => {
  openDashboard("/p/7");
  const users = await figure("Users");
  await waitFor(() => {
    expect(users).toHaveTextContent("Best day: 817 on Sep 22, 2026. Today is on course for 140 (17% of the best day).");
  });
});

test("a record that falls today is what has changed first", async () => {
  const metrics = [keyMetric("unique_users", { days: [110, 150, 830], record: { value: 817, date: "2026-09-22" } })];
  server.use(http.get("*/api/v1/analytics/7/key-metrics", () => HttpResponse.json({ ...keyMetrics, metrics })));
  openDashboard("/p/7");
  expect(await screen.findByText("New record: 830 users today (before: 817)")).toBeVisible();
});

test("changes are sentences with their main cause, and filter the page", async () => {
  const person = openDashboard("/p/7");
  const panel = await screen.findByRole("region", { name: "What changed" });
  const change = await within(panel).findByRole("button", { name: "/pricing" });
  expect(change.closest("p")).toHaveTextContent("/pricing +38% 1,204 → 1,662 views – mostly from news.example");
  await person.click(change);
  expect(screen.getByTestId("address")).toHaveTextContent("f=page_path%3Ais%3A%2Fpricing");
});

test("no two panels list the same", async () => {
  eventsAre("signup", "page_view");
  openDashboard("/p/7");
  expect(await within(await feed()).findByText("signup")).toBeVisible();
  expect(await screen.findByRole("button", { name: "/pricing" })).toBeVisible();
  const panels = screen.getAllByRole("region").filter((one) => one.querySelector("[role=region], section") === null);
  const names = panels.map((one) => one.getAttribute("aria-label") ?? one.getAttribute("aria-labelledby"));
  expect(new Set(names).size).toBe(names.length);
  const lists = panels.flatMap((one) => [...one.querySelectorAll("tbody, ul, ol")]).map(({ textContent }) => textContent);
  expect(new Set(lists).size).toBe(lists.length);
  expect(lists.filter((one) => one.includes("signup"))).toHaveLength(1);
});

test("of a change whose cause is unknown no cause is named", async () => {
  const items = movers.items.map((mover) => ({ ...mover, cause: { property: "country", value: null, share: 1 } }));
  server.use(http.get("*/api/v1/analytics/7/movers", () => HttpResponse.json({ ...movers, items })));
  openDashboard("/p/7");
  const change = await screen.findByRole("button", { name: "/pricing" });
  expect(change.closest("p")).toHaveTextContent(/1,204 → 1,662 views$/);
});

test("changes against a period of which events are missing are not listed", async () => {
  server.use(http.get("*/api/v1/analytics/7/movers", () => HttpResponse.json({ ...movers, first_event: "2026-10-16T09:15:00+03:00" })));
  openDashboard("/p/7");
  const panel = await screen.findByRole("region", { name: "What changed" });
  expect(await within(panel).findByText(/^Your events begin on Oct 16, 2026/)).toHaveTextContent(/the period before is not complete/);
  expect(within(panel).queryByRole("button", { name: "/pricing" })).toBeNull();
});

test("a click on a figure shows it over time, and Back undoes it", async () => {
  const person = openDashboard("/p/7");
  expect(await screen.findByRole("img", { name: /^Users over time: 320/ })).toBeVisible();
  await person.click(await screen.findByRole("button", { name: "Sessions" }));
  expect(await screen.findByRole("img", { name: /^Sessions over time: 640/ })).toBeVisible();
  expect(screen.getByTestId("address")).toHaveTextContent("metric=unique_sessions");
  await person.click(screen.getByTestId("back"));
  expect(await screen.findByRole("img", { name: /^Users over time: 320/ })).toBeVisible();
});

test("the figures are chosen, of goals too, and stay chosen", async () => {
  const asked: string[][] = [];
  server.use(
    http.get("*/api/v1/analytics/7/goals/", () => HttpResponse.json({ items: [{ ...goal, name: "Purchase", value_property: "revenue" }], next_cursor: null })),
    http.get("*/api/v1/analytics/7/key-metrics", ({ request }) => {
      const names = new URL(request.url).searchParams.getAll("metric");
      asked.push(names);
      const metrics = names.map((name) => keyMetric(name, name.startsWith("goal") ? { value: 1_234.5, days: null, record: null, expected: null } : {}));
      return HttpResponse.json(names.length === 0 ? keyMetrics : { ...keyMetrics, metrics });
    }),
  );
  const first = openDashboard("/p/7");
  await first.click(await screen.findByRole("button", { name: "Choose figures" }));
  await first.click(await screen.findByRole("checkbox", { name: "Purchase: revenue" }));
  const revenue = await figure("Purchase: revenue");
  await waitFor(() => {
    expect(revenue).toHaveTextContent("1,234.5");
  });
  // Page views, of which this project has none, were not among those shown.
  expect(asked.at(-1)).toEqual(["unique_users", "new_users", "unique_sessions", "total_events", "goal_value:3"]);
  await first.click(screen.getByRole("checkbox", { name: "New users" }));
  cleanup();
  openDashboard("/p/7");
  expect(await figure("Purchase: revenue")).toBeVisible();
  expect(screen.queryByRole("region", { name: "New users" })).toBeNull();
  expect(asked.at(-1)).toEqual(["unique_users", "unique_sessions", "total_events", "goal_value:3"]);
});

test("a choice of figures from elsewhere that cannot be read is none", async () => {
  localStorage.setItem("tidemark-home-figures-7", '{"metric":');
  openDashboard("/p/7");
  expect(await figure("New users")).toBeVisible();
});

test("the chart can be read as a table", async () => {
  const person = openDashboard("/p/7");
  await person.click(await screen.findByRole("button", { name: "Show as table: Users over time" }));
  const table = await screen.findByRole("table", { name: "Users by interval, times in Europe/Helsinki" });
  // A figure also says, for screen readers only, that it leads to its users.
  const shown = (row: HTMLElement) => row.textContent.replace(/, Users · .*: show users/, "");
  expect(within(table).getAllByRole("row").map(shown)).toEqual([
    "StartUsersPeriod before",
    "Sun, Oct 25, 20266050",
    "Sat, Oct 24, 2026150200",
    "Fri, Oct 23, 2026110150",
  ]);
});

test("every figure of the page is of one answer, and so of one moment", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/v1/analytics/7/key-metrics", () => {
      asked += 1;
      const value = 100 * asked;
      return HttpResponse.json({ ...keyMetrics, metrics: [keyMetric("total_events", { value, series: [0, 0, value] }), keyMetric("unique_users", { value })] });
    }),
  );
  const person = openDashboard("/p/7?metric=total_events");
  const events = await figure("Events");
  await waitFor(() => {
    expect(events).toHaveTextContent(/^Events100,/);
  });
  expect(await figure("Users")).toHaveTextContent(/^Users100,/);
  // None of them stands there twice.
  expect(screen.getAllByRole("region", { name: "Events" })).toHaveLength(1);
  await person.click(screen.getByRole("button", { name: "Show as table: Events over time" }));
  expect(await screen.findByRole("row", { name: /^Sun, Oct 25, 2026/ })).toHaveTextContent(/100/);
  expect(asked).toBe(1);
});

test("the range, the interval and the filters of the address are asked for", async () => {
  const asked: Record<string, string> = {};
  server.use(
    http.get("*/api/v1/analytics/7/:report", ({ request, params }) => {
      const { searchParams } = new URL(request.url);
      asked[String(params["report"])] = searchParams.toString();
      return undefined;
    }),
  );
  openDashboard("/p/7?period=90d&interval=week&f=country:is:DE");
  await figure("Events");
  const filters = new URLSearchParams({ filters: JSON.stringify({ and: [{ property: "country", operator: "is", value: ["DE"] }] }) });
  await waitFor(() => {
    expect(asked["key-metrics"]).toBe(`period=90d&${filters.toString()}&interval=week`);
    expect(asked["movers"]).toBe(`period=90d&${filters.toString()}`);
  });
});

test("new events appear by themselves", async () => {
  eventsAre("first_event");
  openDashboard("/p/7");
  expect(await within(await feed()).findByRole("button", { name: /first_event/ })).toBeVisible();
  eventsAre("second_event", "first_event");
  expect(await within(await feed()).findByRole("button", { name: /second_event/ })).toBeVisible();
});

test("when the server fails the last figures stay, marked as out of date", async () => {
  const person = openDashboard("/p/7");
  const total = await figure("Events");
  await waitFor(() => {
    expect(total).toHaveTextContent("1.2M");
  });
  server.use(http.get("*/api/v1/analytics/7/key-metrics", () => refusal(503, "Query is away.")));
  await person.click(screen.getByRole("button", { name: "Sessions" }));
  window.dispatchEvent(new Event("visibilitychange"));
  expect(total).toHaveTextContent("1.2M");
});

test("a part of the server that is away is named once for the page, which goes on by itself", async () => {
  const gone = "This part of Tidemark is starting or has stopped. Try again in a few seconds.";
  let isAway = true;
  server.use(
    http.get("*/api/v1/analytics/7/:report", () => (isAway ? HttpResponse.json({ code: "unavailable", message: gone, errors: {} }, { status: 503 }) : undefined)),
  );
  const person = openDashboard("/p/7");
  expect(await screen.findByText("The figures could not be loaded")).toBeVisible();
  expect(await screen.findByText("The changes could not be loaded")).toBeVisible();
  expect(screen.getAllByText(new RegExp(gone))).toHaveLength(1);
  expect(screen.getAllByRole("button", { name: "Try again" })).toHaveLength(1);
  isAway = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(await figure("Users")).toHaveTextContent(/320/);
  await waitFor(() => {
    expect(screen.queryByText(new RegExp(gone))).toBeNull();
  });
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

test("hostile names are text everywhere, and their addresses are no links", async () => {
  eventsAre(recentEvent(HOSTILE, { page_url: "javascript:alert(1)", properties: { [HOSTILE]: HOSTILE } }));
  const [item] = movers.items;
  server.use(
    http.get("*/api/v1/analytics/7/movers", () =>
      HttpResponse.json({ ...movers, items: [{ ...item, value: HOSTILE, cause: { property: "country", value: HOSTILE, share: 1 } }] }),
    ),
  );
  const person = openDashboard("/p/7");
  await person.click(await within(await feed()).findByRole("button", { name: /img src=x/ }));
  const panel = await screen.findByRole("region", { name: "What changed" });
  expect(await within(panel).findByRole("button", { name: HOSTILE })).toBeVisible();
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

test("an empty project says how to send events, and shows figures after the first one", async () => {
  eventsAre();
  openDashboard("/p/7");
  expect(await screen.findByText("Waiting for your first event")).toBeVisible();
  expect(screen.getByRole("group", { name: "Paste into the <head> of every page" })).toHaveTextContent(
    `<script async src="${window.location.origin}/static/sdk/sdk.min.js" data-project="pk_public"></script>`,
  );
  expect(screen.getByRole("link", { name: "Snake" })).toHaveAttribute("href", "/demo/snake/?key=pk_public");
  eventsAre("page_view");
  expect(await figure("Events")).toBeVisible();
});

test("figures stand under their own dates while those of another period are awaited", async () => {
  const person = openDashboard("/p/7?period=7d");
  const total = await figure("Events");
  await waitFor(() => {
    expect(total).toHaveTextContent("in Oct 20 – 22, 2026");
  });
  server.use(http.get("*/api/v1/analytics/7/key-metrics", () => new Promise<never>(() => undefined)));
  await person.click(screen.getByRole("button", { name: /^Dates/ }));
  await person.click(await screen.findByRole("button", { name: /90 days/ }));
  expect(total).toHaveTextContent(/1\.2M, Events · .*: show users\+23\.5%, 1,000,000 in Oct 20\s–\s22, 2026/);
  expect(total.closest("[data-outdated]")).toHaveAttribute("data-outdated", "true");
  await waitFor(
    () => {
      expect(total).not.toHaveTextContent("1.2M");
    },
    { timeout: 4_000 },
  );
});

test("changes of other dates are marked as outdated while those of the page are awaited", async () => {
  const person = openDashboard("/p/7?period=7d");
  const change = await screen.findByRole("button", { name: "/pricing" });
  expect(change.closest("[data-outdated=true]")).toBeNull();
  server.use(http.get("*/api/v1/analytics/7/movers", () => new Promise<never>(() => undefined)));
  await person.click(screen.getByRole("button", { name: /^Dates/ }));
  await person.click(await screen.findByRole("button", { name: /90 days/ }));
  expect(change.closest("[data-outdated]")).toHaveAttribute("data-outdated", "true");
});

test("refused events of the period are named with their reasons, and those that settings leave out apart", async () => {
  const outcomes = { stored: 9, sampled_out: 80, bot: 3, do_not_track: 4, no_consent: 2, too_old: 1 };
  server.use(http.get("*/api/v1/analytics/7/intake", () => HttpResponse.json({ received: 99, outcomes, warnings: [] })));
  openDashboard("/p/7");
  const note = await screen.findByText(
    "This project's settings leave out 89 events of 99 received in this period (80: Left out by sampling, 4: Do Not Track, 3: Bots, 2: No consent). Counted by when events arrived, not by when they happened: an import counts on the day of the import.",
  );
  expect(note.closest("[role=alert]")).toBeNull();
  expect(screen.getByRole("alert")).toHaveTextContent(/^1 event of 99 received in this period is not counted1: Too old\. Send events within 30 days\..*Counted by when events arrived/);
  expect(within(screen.getByRole("alert")).getByRole("link")).toHaveAttribute("href", "/p/7/health");
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
  const total = await figure("Events");
  await waitFor(() => {
    expect(total).toHaveTextContent("1.2M");
  });
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("the page says that all is well, or what is not", async () => {
  openDashboard("/p/7");
  expect(await screen.findByText(/^All good: 2 users now, data as of \d\d:\d\d:\d\d$/)).toBeVisible();
  const live = liveNow(recentEvent("page_view"));
  liveIs({ ...live, storing: { seconds_behind: 14.4, problems: {} } });
  expect(await screen.findByText("Data is 14 s behind")).toBeVisible();
  liveIs({ ...live, storing: { seconds_behind: null, problems: { processor: "unavailable: no answer" } } });
  expect(await screen.findByText("Not working: storing of events. Figures may be behind.")).toBeVisible();
}, 30_000);

test("users and events arrive over connections, and the page asks again once these are gone", async () => {
  eventsAre("earlier_event");
  const clients: { close: () => void }[] = [];
  server.use(
    liveVisitors.addEventListener("connection", ({ client }) => {
      clients.push(client);
      if (clients.length === 1) client.send(JSON.stringify({ type: "visitor_count", count: 41 }));
    }),
    liveEvents.addEventListener("connection", ({ client }) => {
      client.send(JSON.stringify({ type: "hello", resume: "1-0" }));
      client.send(JSON.stringify({ type: "events", resume: "1-1", skipped: 0, events: [recentEvent("stored_event")] }));
    }),
  );
  openDashboard("/p/7");
  expect(await screen.findByText(/^All good: 41 users now/)).toBeVisible();
  expect(await within(await feed()).findByRole("button", { name: /stored_event/ })).toBeVisible();
  expect(within(await feed()).getByRole("button", { name: /earlier_event/ })).toBeVisible();
  clients[0]?.close();
  expect(await screen.findByText(/^All good: 2 users now/)).toBeVisible();
});

test("a server that does not answer is named within 15 seconds, with the time of the figures", async () => {
  openDashboard("/p/7");
  await screen.findByText(/^All good/);
  server.use(http.get("*/api/v1/analytics/7/live", () => new Promise<never>(() => undefined)));
  expect(
    await screen.findByText(/^Tidemark has not answered for 1[2-5] s. Figures are of \d\d:\d\d:\d\d.$/, {}, { timeout: 15_500 }),
  ).toBeVisible();
}, 30_000);

test("the proof line says how the figures were counted, and how to ask the same", async () => {
  const person = openDashboard("/p/7");
  await person.click(await screen.findByRole("button", { name: /^Exact · 1,234,567 events · 3 ms · data as of/ }));
  expect(await screen.findByText("Sealed days")).toBeVisible();
  expect(screen.getByRole("group", { name: "Ask the API the same" })).toHaveTextContent("/api/v1/analytics/7/key-metrics?period=30d");
});

test("a note is added to the chart and listed under it", async () => {
  const items: { id: number; at: string; text: string }[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/annotations/", () => HttpResponse.json({ items, next_cursor: null })),
    http.post("*/api/v1/analytics/7/annotations/", async ({ request }) => {
      const created = { id: 5, ...((await request.json()) as { at: string; text: string }) };
      items.push(created);
      return HttpResponse.json(created, { status: 201 });
    }),
  );
  const person = openDashboard("/p/7");
  await person.click(await screen.findByRole("button", { name: "Add note" }));
  const dialog = await screen.findByRole("dialog", { name: "Add note" });
  await person.type(within(dialog).getByLabelText("What happened"), "Version 1.5 released");
  const time = within(dialog).getByLabelText("When (Europe/Helsinki)");
  await person.clear(time);
  await person.type(time, "2026-10-24T18:00");
  await person.click(within(dialog).getByRole("button", { name: "Save" }));
  const notes = await screen.findByRole("list", { name: "Notes" });
  expect(notes).toHaveTextContent("1Version 1.5 released Oct 24, 2026");
  expect(items[0]?.at).toBe("2026-10-24T15:00:00.000Z");
});

test("the first steps that are left lead to where they are done, and can be hidden for good", async () => {
  const person = openDashboard("/p/7");
  const steps = await screen.findByRole("region", { name: "Get started: 2 of 4 done" });
  expect(within(steps).getByRole("link", { name: "Identify users" })).toHaveAttribute("href", "/p/7/install");
  expect(within(steps).getByRole("link", { name: "Save an insight" })).toHaveAttribute("href", "/p/7/explore");
  await person.click(within(steps).getByRole("button", { name: "Hide these steps" }));
  expect(screen.queryByRole("region", { name: /^Get started/ })).not.toBeInTheDocument();
});

test("saved insights are pinned as the library lists them, and open with the view that was saved", async () => {
  const first = { id: 3, name: "Buyers", kind: "trends", query: { period: "7d" }, view: { chart: "bars" }, is_favourite: false, updated_at: "2026-10-01T12:00:00Z" };
  const items = [first, { ...first, id: 4, name: "Latest", updated_at: "2026-10-20T12:00:00Z" }, { ...first, id: 5, name: "Favourite", is_favourite: true }];
  server.use(http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items, next_cursor: null })));
  openDashboard("/p/7");
  const links = await waitFor(() => {
    const found = ["Favourite", "Latest", "Buyers"].map((name) => screen.getByRole("link", { name }));
    expect(found).toHaveLength(3);
    return found;
  });
  const shown = screen.getAllByRole("link").filter((link) => links.includes(link));
  expect(shown).toEqual(links);
  expect(links[2]?.getAttribute("href")).toMatch(/^\/p\/7\/explore\/trends\?chart=bars&saved=3&period=7d/);
});

import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../support/render";
import { project, projectList, refusal, server } from "../../support/server";

const meta = { from: "2026-10-19T00:00:00+03:00", to: "2026-10-22T00:00:00+03:00", timezone: "Europe/Helsinki", took_ms: 3, as_of: "2026-10-22T00:00:00Z", source: "raw", sealed_days: 0 };
const dates = ["2026-10-19T00:00:00+03:00", "2026-10-20T00:00:00+03:00", "2026-10-21T00:00:00+03:00"];
const line = { label: "visit", event: "visit", metric: "count", values: [3, 4, 5], total: 12, breakdown: null, dates };
const step = (label: string, persons: number, conversion: number, from_previous: number, median_seconds: number | null) => ({
  event: label, label, persons, conversion, from_previous, median_seconds, average_seconds: null,
});

const RESULTS: Record<string, object> = {
  trends: { interval: "day", series: [line], previous: [{ ...line, values: [1, 2, 3], total: 6 }] },
  funnel: { order: "ordered", steps: [step("visit", 200, 1, 1, null), step("purchase", 50, 0.25, 0.25, 185)], breakdown: [], times: [] },
  retention: {
    interval: "day",
    cohorts: [
      { date: dates[0], size: 10, returned: [10, 5, 2] },
      { date: dates[1], size: 30, returned: [30, 3] },
      { date: dates[2], size: 0, returned: [0] },
    ],
  },
  stickiness: { interval: "day", intervals: 3, series: [{ label: "Any event", event: null, values: [7, 2, 0], at_least: [9, 2, 0], total: 9 }] },
  lifecycle: {
    interval: "day",
    series: ["new", "returning", "resurrecting", "dormant"].map((label, at) => ({ label, dates, values: [at === 3 ? -6 : at + 1, 0, 0], total: 0 })),
  },
  paths: { by: "event", edges: [{ step: 1, source: "visit", target: "purchase", count: 8, persons: 6 }], nodes: [{ step: 1, node: "visit", visits: 20, persons: 9, ended: 12 }], visits: 20 },
};

const EVENTS = [["visit", false, "Somebody looks around"], ["purchase", false, ""], ["signup", false, ""], ["old", true, ""]].map(([name, hidden, description]) => ({
  name, hidden, description, events: 1_234,
}));

/** The bodies of the requests, in order, each with its kind. */
let requests: [kind: string, body: Record<string, unknown>][] = [];

beforeEach(() => {
  requests = [];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () =>
      HttpResponse.json({ items: EVENTS }),
    ),
    http.get("*/api/v1/analytics/7/definitions/properties", () => HttpResponse.json({ items: [{ name: "level", hidden: false }] })),
    http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post("*/api/v1/analytics/7/insights/:kind", async ({ params, request }) => {
      const kind = String(params["kind"]);
      requests.push([kind, (await request.json()) as Record<string, unknown>]);
      return HttpResponse.json({ ...meta, ...RESULTS[kind] });
    }),
  );
});

function at(kind: string, body?: object) {
  return `/p/7/explore/${kind}${body ? `?q=${encodeURIComponent(JSON.stringify(body))}` : ""}`;
}

/** A parameter of the address. */
function inAddress(name: string): string | null {
  const [, search = ""] = screen.getByTestId("address").textContent.split("?");
  return new URLSearchParams(search).get(name);
}

async function choose(person: UserEvent, field: string, option: string | RegExp) {
  await person.click(await screen.findByRole("combobox", { name: field }));
  await person.click(await screen.findByRole("option", { name: option }));
}

/** What each row of the tables shows; the names of buttons in it say more. */
function rowTexts(): string[] {
  return screen.queryAllByRole("row").map((row) =>
    [...row.querySelectorAll("th, td")].map((cell) => cell.textContent.replace(/^([\d.%]+), .*$/, "$1")).filter(Boolean).join(" "),
  );
}

test("in a project with thousands of names, a search finds those that the list has not", async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ name: `frequent_${index}`, hidden: false, description: "", events: 1_000 - index }));
  const searched: (string | null)[] = [];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: many })),
    http.get("*/api/v1/analytics/7/definitions/catalog", ({ request }) => {
      searched.push(new URL(request.url).searchParams.get("search"));
      return HttpResponse.json({ items: [{ name: "rare_9876", status: "none", description: "", events: 2 }], total: 1, next_cursor: null });
    }),
  );
  const person = openDashboard(at("trends"));
  const field = await screen.findByRole("combobox", { name: "Event 1" });
  await person.click(field);
  await person.clear(field);
  await person.type(field, "rare_98");
  await person.click(await screen.findByRole("option", { name: "rare_9876" }));
  await waitFor(() => {
    expect(requests.at(-1)?.[1]).toMatchObject({ series: [{ event: "rare_9876" }] });
  });
  expect(searched.at(-1)).toBe("rare_98");
});

test("a choice runs the query at once, is in the address, and Back undoes it", async () => {
  const person = openDashboard(at("trends"));
  expect(await screen.findByRole("img", { name: "Over time: visit 12" })).toBeInTheDocument();
  expect(requests).toEqual([["trends", { period: "30d", series: [{ event: null }] }]]);
  await choose(person, "Event 1", /^visit/);
  await choose(person, "Metric of event 1", "Users");
  const series = [{ event: "visit", metric: "unique_persons" }];
  await waitFor(() => {
    expect(requests.at(-1)?.[1]).toEqual({ period: "30d", series });
  });
  expect(JSON.parse(inAddress("q") ?? "")).toEqual({ series });
  await person.click(screen.getByRole("combobox", { name: "Event 1" }));
  expect(screen.getByRole("option", { name: /Somebody looks around/ })).toBeVisible();
  expect(screen.queryByRole("option", { name: /old/ })).not.toBeInTheDocument();
  await person.click(screen.getByTestId("back"));
  await waitFor(() => {
    expect(JSON.parse(inAddress("q") ?? "")).toEqual({ series: [{ event: "visit" }] });
  });
  expect(screen.getByRole("combobox", { name: "Metric of event 1" })).toHaveValue("Events");
});

test("an address of before, with everything in its query, is led to the one with the bar's part beside it", async () => {
  const filters = { or: [{ property: "country", operator: "is", value: ["FI", "SE"] }, { property: "level", operator: "gt", value: ["3"] }] };
  const body = { period: "7d", filters, interval: "week", series: [{ event: "purchase", metric: "sum", property: "price" }, { event: null }], breakdown: { property: "country" }, compare: true };
  openDashboard(at("trends", body));
  expect(await screen.findByRole("row", { name: /visit/ })).toHaveTextContent("+100%");
  expect(requests).toEqual([["trends", body]]);
  expect([inAddress("period"), inAddress("compare"), inAddress("interval"), inAddress("match"), inAddress("f")]).toEqual(["7d", "previous_period", "week", "any", "country:is:FI,SE"]);
  expect(screen.getByRole("combobox", { name: "Property of event 1" })).toHaveValue("price");
});

test("a breakdown, once a kind of its own, opens as bars of trends", async () => {
  openDashboard(at("breakdown", { period: "7d", event: { event: "visit" }, breakdown: { property: "country" } }));
  expect(await screen.findByRole("list", { name: "Totals" })).toHaveTextContent("visit12");
  expect(requests).toEqual([["trends", { period: "7d", series: [{ event: "visit" }], breakdown: { property: "country" } }]]);
});

test("an answer says what it lacks, and which intervals the range cuts", async () => {
  server.use(
    http.post("*/api/v1/analytics/7/insights/trends", () =>
      HttpResponse.json({
        ...meta, ...RESULTS["trends"], interval: "week", partial: [0],
        expired: [{ from: "2026-10-19T00:07:00+03:00", to: "2026-10-20T00:00:00+03:00" }],
      }),
    ),
  );
  openDashboard(at("trends"));
  const [lacking, cut] = await screen.findAllByRole("note");
  expect(lacking).toHaveTextContent("lacks what happened then: Oct 19, 2026, 00:07:00 GMT+3 to Oct 20, 2026, 00:00:00 GMT+3.");
  expect(cut).toHaveTextContent(/^Only partly in the range: .*Oct 19, 2026\.$/);
});

test("values of a property that are no numbers are reported", async () => {
  server.use(
    http.post("*/api/v1/analytics/7/insights/trends", () =>
      HttpResponse.json({ ...meta, interval: "day", series: [{ ...line, label: "purchase", metric: "sum", ignored: 2 }] }),
    ),
  );
  openDashboard(at("trends", { period: "7d", series: [{ event: "purchase", metric: "sum", property: "price" }] }));
  expect(await screen.findByText("purchase: sum of price: 2 values were no numbers")).toBeInTheDocument();
});

test("an address without a query runs the default one", async () => {
  openDashboard("/p/7/explore/trends?q=%7Bnonsense");
  expect(await screen.findByRole("img", { name: /^Over time/ })).toBeInTheDocument();
  expect(requests).toEqual([["trends", { period: "30d", series: [{ event: null }] }]]);
});

test("a funnel that is broken down asks by which event a user counts", async () => {
  const body = { period: "30d", steps: [{ event: "visit" }, { event: "purchase" }], order: "ordered", breakdown: { property: "country" } };
  const person = openDashboard(at("funnel", body));
  await person.click(await screen.findByRole("combobox", { name: "Each user counts under" }));
  await person.click(await screen.findByRole("option", { name: "The value at step 2" }));
  await waitFor(() => {
    expect(requests.at(-1)).toEqual(["funnel", { ...body, attribution: "step", attribution_step: 1 }]);
  });
});

test("a funnel by country is one table, with a row per country and its loss at each step", async () => {
  const steps = (...persons: number[]) => persons.map((count, index) => step(["visit", "purchase"][index] ?? "", count, count / (persons[0] ?? 1), count / (persons[index - 1] ?? count), null));
  const parts = [["US", 120, 20], ["NL", 80, 30]].map(([value, ...persons]) => ({ value, is_other: false, steps: steps(...persons.map(Number)) }));
  server.use(
    http.post("*/api/v1/analytics/7/insights/funnel", () => HttpResponse.json({ ...meta, order: "ordered", steps: steps(200, 50), breakdown: parts, times: [] })),
  );
  openDashboard(at("funnel", { steps: [{ event: "visit" }, { event: "purchase" }], breakdown: { property: "country" } }));
  expect(await screen.findByRole("row", { name: /^United States/ })).toHaveTextContent(/120.*20.*16\.7%/);
  expect(screen.getByRole("row", { name: /^Netherlands/ })).toHaveTextContent(/80.*30.*37\.5%/);
  expect(screen.getAllByRole("table").filter((table) => within(table).queryByText("United States") !== null)).toHaveLength(1);
});

test("an event is filtered beside its name, and the filter can be taken away", async () => {
  const person = openDashboard(at("trends"));
  await person.click(await screen.findByRole("button", { name: "Add filter: Event 1" }));
  await person.type(await screen.findByRole("combobox", { name: "Property" }), "level");
  await person.type(screen.getByRole("combobox", { name: "Values" }), "3{Enter}");
  await person.click(screen.getByRole("button", { name: "Apply" }));
  await waitFor(() => {
    expect(requests.at(-1)?.[1]["series"]).toEqual([{ event: null, filters: { and: [{ property: "level", operator: "is", value: ["3"] }] } }]);
  });
  await person.click(within(screen.getByRole("group", { name: "Series A" })).getByRole("button", { name: "Remove filter: level is 3" }));
  await waitFor(() => {
    expect(JSON.parse(inAddress("q") ?? "")).toEqual({ series: [{ event: null }] });
  });
});

test("a filter that cannot be edited here is kept as it is, and others apply with it", async () => {
  const filters = { and: [{ or: [{ property: "a", value: 1 }] }, { scope: "cohort", value: [4] }] };
  openDashboard(at("trends", { period: "7d", filters, series: [{ event: null }] }));
  expect(await screen.findByText("a filter made with the API")).toBeVisible();
  await waitFor(() => {
    expect(requests.at(-1)?.[1]).toEqual({ period: "7d", filters, series: [{ event: null }] });
  });
});

test("what is wrong with a query stands at its field, and there is nothing to try again", async () => {
  server.use(
    http.post("*/api/v1/analytics/7/insights/trends", () =>
      HttpResponse.json({ code: "invalid_fields", message: "Some fields are invalid.", errors: { "series.0.filters.and.0.value": ["Use a number."] } }, { status: 422 }),
    ),
  );
  openDashboard(at("trends", { series: [{ event: null, filters: { and: [{ property: "level", operator: "gt", value: ["many"] }] } }] }));
  expect(await within(await screen.findByRole("group", { name: "Series A" })).findByRole("alert")).toHaveTextContent("level is greater than many: Use a number.");
  expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
});

test("the list of steps opens by itself, so that a funnel of three is chosen in four clicks", async () => {
  const person = openDashboard(at("funnel"));
  expect(await screen.findByText("Add at least two steps.")).toBeVisible();
  await person.click(await screen.findByRole("option", { name: /^visit/ }));
  await person.click(await screen.findByRole("option", { name: /^signup/ }));
  await person.click(await screen.findByRole("button", { name: "Add step" }));
  await person.click(await screen.findByRole("option", { name: /^purchase/ }));
  await waitFor(() => {
    expect(requests.at(-1)).toEqual(["funnel", { period: "30d", steps: [{ event: "visit" }, { event: "signup" }, { event: "purchase" }], order: "ordered" }]);
  });
  expect(await screen.findByRole("heading", { name: "25% of 200 users completed the funnel" })).toBeVisible();
  expect(rowTexts()).toEqual(expect.arrayContaining(["1. visit 200 100% 150", "2. purchase 50 25% 25% 3 min 5 s"]));
});

test("retention shows the share or number of users of each cohort, and the mean of all", async () => {
  const person = openDashboard(at("retention"));
  // A cell also says, for screen readers only, that it leads to its users.
  const figures = (row: HTMLElement) => within(row).getAllByRole("cell").map((cell) => cell.textContent.split(",")[0]);
  expect(figures(await screen.findByRole("row", { name: /^Mon, Oct 19/ }))).toEqual(["10", "100%", "50%", "20%"]);
  // 8 of 40; only the first cohort has a third day.
  expect(rowTexts()).toContain("All 40 100% 20% 20%");
  await person.click(screen.getByRole("radio", { name: "Users" }));
  expect(figures(await screen.findByRole("row", { name: /^Tue, Oct 20/ }))).toEqual(["30", "30", "3"]);
  // Nobody began on the third day.
  expect(screen.queryByRole("row", { name: /^Wed, Oct 21/ })).not.toBeInTheDocument();
  expect(requests).toEqual([
    ["retention", { period: "30d", target: { event: null }, returning: { event: null }, kind: "first_time", rule: "strict" }],
  ]);
});

test.each([
  ["stickiness", {}, "Users by number of active days", "2 days 2 2"],
  ["lifecycle", {}, "Lifecycle", "Mon, Oct 19, 2026 1 2 3 6"],
])("%s can be read as a table", async (kind, body, title, row) => {
  const person = openDashboard(at(kind, body));
  await person.click(await screen.findByRole("button", { name: `Show as table: ${title}` }));
  await waitFor(() => {
    expect(rowTexts()).toContain(row);
  });
});

test("paths say where visits ended, and can be read as a table", async () => {
  const person = openDashboard(at("paths"));
  expect(await screen.findByRole("region", { name: "20 visits" })).toBeVisible();
  await person.click(screen.getByRole("radio", { name: "Table" }));
  await waitFor(() => {
    expect(rowTexts()).toContain("visit → purchase 1 8 6");
  });
  expect(inAddress("chart")).toBe("table");
});

test("another kind of insight keeps the events, the range and the filters", async () => {
  const filters = { and: [{ property: "country", operator: "is", value: ["FI"] }] };
  const person = openDashboard(at("trends", { period: "90d", filters, series: [{ event: "visit" }, { event: "purchase" }] }));
  await person.click(await screen.findByRole("link", { name: "Funnel" }));
  await waitFor(() => {
    expect(requests.at(-1)).toEqual([
      "funnel",
      { period: "90d", filters, steps: [{ event: "visit" }, { event: "purchase" }], order: "ordered" },
    ]);
  });
});

test("the chart, its scale and hidden lines are in the address; the table below is the legend", async () => {
  const person = openDashboard(at("trends", { series: [{ event: "visit" }, { event: "purchase" }] }));
  server.use(http.post("*/api/v1/analytics/7/insights/trends", () => HttpResponse.json({ ...meta, interval: "day", series: [line, { ...line, label: "purchase", total: 99 }] })));
  await person.click(await screen.findByRole("radio", { name: "Stacked columns" }));
  expect(inAddress("chart")).toBe("stacked-columns");
  await person.click(screen.getByRole("button", { name: "Chart options" }));
  await person.click(await screen.findByRole("switch", { name: "Cumulative" }));
  expect(inAddress("cumulative")).toBe("1");
  await person.click(screen.getByRole("checkbox", { name: "visit" }));
  expect(inAddress("hidden")).toBe('["0"]');
  await person.click(screen.getByRole("radio", { name: "Numbers" }));
  expect(screen.getByRole("list", { name: "Totals" })).not.toHaveTextContent("visit");
});

test("a viewer can run any query, cannot save, and is told who can", async () => {
  server.use(projectList([{ ...project, role: "viewer" }]));
  openDashboard(at("trends"));
  expect(await screen.findByRole("img", { name: /^Over time/ })).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Save" })).toHaveAccessibleDescription(/Only members of this project can do this. Your role: viewer/);
});

test("a failure is reported, with a button to try again", async () => {
  server.use(http.post("*/api/v1/analytics/7/insights/trends", () => refusal(403, "You may not read this.")));
  openDashboard(at("trends"));
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("You may not read this.");
  expect(within(alert).getByRole("button", { name: "Try again" })).toBeVisible();
});

test("an unknown kind of insight is not found", async () => {
  openDashboard(at("nonsense"));
  expect(await screen.findByRole("heading", { name: "Page not found" })).toBeVisible();
});

import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import { openDashboard } from "../../../support/render";
import { server } from "../../../support/server";

interface Saved {
  id: number;
  name: string;
  description: string;
  kind: string;
  query: object;
  view: object;
  is_favourite: boolean;
  created_by: number | null;
  updated_at: string;
}

const visitors: Saved = {
  id: 3, name: "Who visits", description: "Every week", kind: "lifecycle", query: { period: "90d", event: { event: "visit" } },
  view: {}, is_favourite: false, created_by: 1, updated_at: "2026-10-20T12:00:00Z",
};
const countries: Saved = {
  id: 4, name: "Countries", description: "", kind: "breakdown", query: { period: "7d", event: { event: "visit" }, breakdown: { property: "country" } },
  view: {}, is_favourite: true, created_by: null, updated_at: "2026-10-01T12:00:00Z",
};
let saved: Saved[] = [];

beforeEach(() => {
  saved = [visitors, countries];
  const one = "*/api/v1/analytics/7/saved-insights/:id";
  server.use(
    http.get("*/api/v1/analytics/7/definitions/events", () => HttpResponse.json({ items: [] })),
    http.get("*/api/v1/analytics/7/definitions/properties", () => HttpResponse.json({ items: [] })),
    http.get("*/api/v1/projects/7/members/", () => HttpResponse.json({ items: [{ user_id: 1, email: "ada@example.org", name: "Ada", role: "owner", created_at: "" }], next_cursor: null })),
    http.get("*/api/v1/analytics/7/saved-insights/", () => HttpResponse.json({ items: saved, next_cursor: null })),
    http.post("*/api/v1/analytics/7/saved-insights/", async ({ request }) => {
      const added = { ...visitors, ...((await request.json()) as Partial<Saved>), id: 9 };
      saved = [...saved, added];
      return HttpResponse.json(added, { status: 201 });
    }),
    http.patch(one, async ({ params, request }) => {
      const changes = (await request.json()) as Partial<Saved>;
      saved = saved.map((insight) => (String(insight.id) === params["id"] ? { ...insight, ...changes } : insight));
      return HttpResponse.json({});
    }),
    http.delete(one, ({ params }) => {
      saved = saved.filter(({ id }) => String(id) !== params["id"]);
      return new HttpResponse(null, { status: 204 });
    }),
    http.post("*/api/v1/analytics/7/insights/:kind", () => new HttpResponse(null, { status: 500 })),
  );
});

function address(): string {
  return decodeURIComponent(screen.getByTestId("address").textContent);
}

test("the library lists insights, favourites first, with their kind, owner and last change", async () => {
  const person = openDashboard("/p/7/explore/library");
  const rows = await screen.findAllByRole("row");
  expect(rows.slice(1).map((row) => within(row).getByRole("link").textContent)).toEqual(["Countries", "Who visits"]);
  expect(rows[1]).toHaveTextContent(/Countries.*Trends.*Secret key.*Oct 1, 2026/);
  await waitFor(() => {
    expect(screen.getByRole("row", { name: /Who visits/ })).toHaveTextContent(/Every week.*Lifecycle.*Ada.*Oct 20, 2026/);
  });
  await person.click(screen.getByRole("button", { name: "Add Who visits to favourites" }));
  expect(await screen.findByRole("button", { name: "Remove Who visits from favourites" })).toBeVisible();
  await person.type(screen.getByRole("textbox", { name: "Search insights" }), "week");
  expect(screen.queryByRole("link", { name: "Countries" })).not.toBeInTheDocument();
  expect(address()).toContain("search=week");
});

test("an insight opens under its name, says when it was edited, and can be reverted or saved", async () => {
  const person = openDashboard("/p/7/explore/library");
  await person.click(await screen.findByRole("link", { name: "Who visits" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Who visits" })).toBeVisible();
  expect(document.title).toMatch(/^Who visits · /);
  expect(screen.queryByText("Edited")).not.toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Saved" })).toBeDisabled();
  const choose30 = async () => {
    await person.click(screen.getByRole("button", { name: /^Dates/ }));
    await person.click(await screen.findByText("Last 30 days"));
    expect(await screen.findByText("Edited")).toBeVisible();
  };
  await choose30();
  await person.click(screen.getByRole("button", { name: "More ways to save" }));
  await person.click(await screen.findByRole("menuitem", { name: "Revert changes" }));
  await waitFor(() => {
    expect(screen.queryByText("Edited")).not.toBeInTheDocument();
  });
  expect(address()).toContain("period=90d");
  await choose30();
  await person.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(saved[0]?.query).toEqual({ period: "30d", event: { event: "visit" } });
  });
  expect(await screen.findByRole("button", { name: "Saved" })).toBeDisabled();
});

test("a new insight is saved with its view under a name that is suggested", async () => {
  const person = openDashboard(`/p/7/explore/trends?q=${encodeURIComponent('{"series":[{"event":"visit"}],"breakdown":{"property":"country"}}')}&chart=bars`);
  await person.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByLabelText("Name")).toHaveValue("visit by country");
  await person.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Save" }));
  await waitFor(() => {
    expect(saved.at(-1)).toMatchObject({ name: "visit by country", kind: "trends", view: { chart: "bars" }, query: { period: "30d", breakdown: { property: "country" } } });
  });
  await waitFor(() => {
    expect(address()).toContain("saved=9");
  });
});

test("a deleted insight is gone from the list, and can be restored until its notice ends", async () => {
  const person = openDashboard("/p/7/explore/library");
  await person.click(await screen.findByRole("button", { name: "More actions: Who visits" }));
  const remove = async () => {
    await person.click(await screen.findByRole("menuitem", { name: "Delete" }));
    await waitFor(() => {
      expect(screen.queryByRole("link", { name: "Who visits" })).not.toBeInTheDocument();
    });
    expect(saved).toHaveLength(2);
  };
  await remove();
  await person.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByRole("link", { name: "Who visits" })).toBeVisible();
  await person.click(screen.getByRole("button", { name: "More actions: Who visits" }));
  await remove();
  await person.click(screen.getByRole("button", { name: /it can no longer be undone/ }));
  await waitFor(() => {
    expect(saved.map(({ name }) => name)).toEqual(["Countries"]);
  });
});

test("a link to a saved insight that is gone says so, and keeps its question", async () => {
  openDashboard(`/p/7/explore/trends?q=${encodeURIComponent('{"series":[{"event":"visit"}]}')}&saved=9999`);
  expect(await screen.findByRole("note")).toHaveTextContent("This saved insight no longer exists");
  expect(screen.getByRole("combobox", { name: "Event 1" })).toHaveValue("visit");
});

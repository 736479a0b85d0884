import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Segment } from "../../src/api/insights/segments";
import { server } from "../support/server";
import { openBar } from "../support/reportBar";

const PATH = "*/api/v1/analytics/7/segments/";
let saved: Segment[] = [];

const segment = (id: number, name: string, filters: unknown = {}): Segment => ({
  id, name, filters: filters as Segment["filters"], created_by: 1, created_at: "2026-11-01T00:00:00Z", updated_at: "2026-11-01T00:00:00Z",
});

beforeEach(() => {
  saved = [segment(3, "Paying"), segment(5, "Germans")];
  server.use(
    http.get("*/api/v1/analytics/7/definitions/properties", () => HttpResponse.json({ items: [] })),
    http.get(PATH, () => HttpResponse.json({ items: saved, next_cursor: null })),
    http.post(PATH, async ({ request }) => {
      const { name, filters } = (await request.json()) as Segment;
      saved = [...saved, segment(8, name, filters)];
      return HttpResponse.json(saved.at(-1), { status: 201 });
    }),
    http.delete(`${PATH}:id`, ({ params }) => {
      saved = saved.filter(({ id }) => id !== Number(params["id"]));
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

test("the filters are saved as a segment, which takes their place in the address", async () => {
  const { person, address } = openBar("/?period=7d&f=country:is:DE&f=plan:is_set&match=any");
  await person.click(screen.getByRole("button", { name: "Segments" }));
  await person.type(await screen.findByLabelText("Name"), "Either{Enter}");
  await waitFor(() => {
    expect(address()).toHaveTextContent("?period=7d&segment=8");
  });
  expect(saved.at(-1)?.filters).toEqual({
    or: [{ property: "country", operator: "is", value: ["DE"] }, { property: "plan", operator: "is_set" }],
  });
  expect(await screen.findByText("Segment: Either")).toBeVisible();
});

test("several segments are chosen, and joined with and or with or", async () => {
  const { person, address } = openBar("/?period=7d");
  await person.click(screen.getByRole("button", { name: "Segments" }));
  await person.click(await screen.findByRole("checkbox", { name: "Paying" }));
  await person.click(screen.getByRole("checkbox", { name: "Germans" }));
  expect(address()).toHaveTextContent("?period=7d&segment=3,5");
  await person.click(screen.getByRole("radio", { name: "Any of them" }));
  expect(address()).toHaveTextContent("?period=7d&segment=3,5&segments=any");
});

test("an address that names a deleted segment says that it is gone, until that is undone", async () => {
  const { person, address } = openBar("/?period=7d&segment=3");
  expect(await screen.findByText("Segment: Paying")).toBeVisible();
  await person.click(screen.getByRole("button", { name: "Segments (1)" }));
  await person.click(await screen.findByRole("button", { name: "Delete segment: Paying" }));
  expect(await screen.findByText("Segment 3 was deleted")).toBeVisible();
  expect(saved).toHaveLength(2);
  expect(address()).toHaveTextContent("?period=7d&segment=3");
  await person.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByText("Segment: Paying")).toBeVisible();
  expect(saved).toHaveLength(2);
});

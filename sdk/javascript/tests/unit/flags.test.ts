import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Load } from "../../src/modules.js";
import * as flags from "../../src/modules/flags.js";
import { createTidemark, type Tidemark } from "../../src/tidemark.js";
import { load } from "./page.js";
import { freshPages } from "./setup.js";

freshPages();

/** What the server was asked. */
let asked: Record<string, unknown>[];
let tidemark: Tidemark;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (url: URL | string, { body }: { body: string }) => {
    if (String(url).includes("/flags/")) asked.push(JSON.parse(body) as Record<string, unknown>);
    return Promise.resolve(Response.json({ flags: {}, results: [] }));
  });
  vi.stubGlobal("EventSource", function () { /* silent */ });
  tidemark = createTidemark(((name) => (name === "flags" ? Promise.resolve(flags) : load(name))) as Load);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function init(persistence: "localStorage" | "memory" = "localStorage"): void {
  tidemark.init({ project: "pk_test", apiUrl: "https://stats.example", autoPageView: false, persistence });
}

it.each(["localStorage", "memory"] as const)("are asked with the visitor's groups, in %s", async (persistence) => {
  init(persistence);
  tidemark.group("company", "acme");
  const loaded = await tidemark.load("flags");
  expect(asked).toEqual([{ token: "pk_test", distinct_id: tidemark.distinctId(), person_properties: {}, groups: { company: "acme" } }]);
  tidemark.group("team", 7);
  await loaded?.refresh();
  expect(asked[1]?.groups).toEqual({ company: "acme", team: "7" });
  tidemark.reset();
  await loaded?.refresh();
  expect(asked[2]?.groups).toEqual({});
});

it("are asked with properties of groups, until the visitor's groups change", async () => {
  init();
  tidemark.group("company", "acme");
  const loaded = await tidemark.load("flags");
  await loaded?.refresh({ age: 7 }, { company: { plan: "pro" } });
  await loaded?.refresh();
  for (const request of asked.slice(1)) {
    expect(request).toMatchObject({ person_properties: { age: 7 }, group_properties: { company: { plan: "pro" } } });
  }
  tidemark.group("company", "other");
  await loaded?.refresh();
  expect(asked[3]?.groups).toEqual({ company: "other" });
  expect(asked[3]?.group_properties).toBeUndefined();
});

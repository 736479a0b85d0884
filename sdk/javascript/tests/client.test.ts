import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Tidemark, type Options } from "../src/client";
import { newId } from "../src/ids";
import { safeProperties } from "../src/properties";

interface Sent {
  event_id: string;
  event_name: string;
  distinct_id: string;
  session_id: string;
  source?: string;
  properties: Record<string, unknown>;
}

let sent: Sent[] = [];

function start(options: Partial<Options> = {}): Tidemark {
  const client = new Tidemark();
  client.init({ key: "pk_test", autoPageView: false, ...options });
  return client;
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  sent = [];
  vi.stubGlobal("fetch", (_url: string, init: { body: string }) => {
    sent.push(...(JSON.parse(init.body) as { events: Sent[] }).events);
    return Promise.resolve(new Response("{}", { status: 202 }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("identity", () => {
  it("links what was done before identify to the user", async () => {
    const client = start();
    client.event("looked");
    client.identify("user-1", { plan: "pro" });
    client.event("bought");
    await client.flush();
    const [looked, identified, bought] = sent;
    expect(looked?.distinct_id).not.toBe("user-1");
    expect(identified).toMatchObject({
      event_name: "$identify",
      distinct_id: "user-1",
      properties: { $anon_distinct_id: looked?.distinct_id, $set: { plan: "pro" } },
    });
    expect(bought?.distinct_id).toBe("user-1");
  });

  it.each(["", "null", "undefined", "0", "[object Object]"])("refuses %j as a user", async (id) => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const client = start();
    client.identify(id);
    client.event("looked");
    await client.flush();
    expect(error).toHaveBeenCalledOnce();
    expect(sent.map((event) => event.event_name)).toEqual(["looked"]);
  });

  it("begins a new person and session after reset", async () => {
    const client = start();
    client.identify("user-1");
    client.reset();
    client.event("looked");
    await client.flush();
    const [before, after] = sent;
    expect(after?.distinct_id).not.toBe("user-1");
    expect(after?.distinct_id).not.toBe(before?.properties["$anon_distinct_id"]);
    expect(after?.session_id).not.toBe(before?.session_id);
  });

  it("begins a new session after an hour without events", async () => {
    const client = start();
    client.event("first");
    vi.advanceTimersByTime(59 * 60_000);
    client.event("second");
    vi.advanceTimersByTime(61 * 60_000);
    client.event("third");
    await client.flush();
    const [first, second, third] = sent.map((event) => event.session_id);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe("consent", () => {
  it("sends nothing after opting out, also on the next page", async () => {
    start().optOut();
    const next = start();
    next.event("looked");
    await next.flush();
    expect(sent).toEqual([]);
    next.optIn();
    next.event("looked");
    await next.flush();
    expect(sent).toHaveLength(1);
  });

  it("respects Global Privacy Control when asked to", async () => {
    vi.stubGlobal("navigator", { globalPrivacyControl: true, language: "en" });
    const client = start({ respectDnt: true });
    client.event("looked");
    await client.flush();
    expect(sent).toEqual([]);
  });
});

describe("page views", () => {
  it("counts navigation of a single-page application once each", async () => {
    const client = start({ autoPageView: true });
    history.pushState({}, "", "/a?x=1");
    history.replaceState({}, "", "/a?x=1");
    history.pushState({}, "", "/b");
    await client.flush();
    expect(sent.map((event) => event.properties["path"])).toEqual(["/", "/a", "/b"]);
  });
});

describe("hostile input", () => {
  it("makes any property safe to send", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const made = safeProperties({
      cycle,
      big: BigInt(10) ** BigInt(30),
      not: NaN,
      missing: undefined,
      call: () => 1,
      when: new Date(0),
      half: "\ud800x",
      whole: "\u{1F600}",
    });
    expect(made).toEqual({
      cycle: { self: "[…]" },
      big: "1000000000000000000000000000000",
      not: null,
      when: "1970-01-01T00:00:00.000Z",
      half: "\ufffdx",
      whole: "\u{1F600}",
    });
  });

  it("works where storage is forbidden", async () => {
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("forbidden");
    });
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("forbidden");
    });
    const client = start();
    client.event("one");
    client.event("two");
    await client.flush();
    expect(sent).toHaveLength(2);
    expect(sent[0]?.distinct_id).toBe(sent[1]?.distinct_id);
  });

  it("says what is wrong with a name instead of throwing", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    start().event("x".repeat(101));
    expect(error).toHaveBeenCalledOnce();
  });
});

it("makes ids that sort by time and never repeat", () => {
  const early = newId(1_700_000_000_000);
  const late = newId(1_700_000_000_001);
  expect(early < late).toBe(true);
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(Array.from({ length: 1_000 }, () => newId())).size).toBe(1_000);
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import { load, Page, pass } from "./page.js";
import { closePage, freshPages } from "./setup.js";

freshPages();
let page: Page;
beforeEach(() => {
  page = new Page();
});

describe("an event", () => {
  it("says what, when, who and where", async () => {
    const tidemark = page.start({ source: "shop" });
    tidemark.event("added to basket", { sku: "A-1", price: 9.5 });
    await tidemark.flush();
    expect(page.last).toMatchObject({
      event_name: "added to basket",
      timestamp: "2026-03-01T12:00:00.000000Z",
      page_url: "https://shop.example/start?utm_source=mail",
      referrer: "",
      source: "shop",
      properties: { sku: "A-1", price: 9.5 },
    });
    const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(page.last.event_id).toMatch(uuid7);
    expect(parseInt(page.last.event_id.replace(/-/g, "").slice(0, 12), 16)).toBe(Date.now());
    expect(page.last.distinct_id).toMatch(uuid7);
    expect(page.last.session_id).toMatch(uuid7);
  });

  it("is later than the one before, also within a millisecond", async () => {
    const tidemark = page.start();
    for (let n = 0; n < 12; n++) tidemark.event("burst");
    await pass(1);
    tidemark.event("next");
    await tidemark.flush();
    const times = page.events.map((event) => event.timestamp.replace("Z", ""));
    expect(times.slice(0, 3)).toEqual(["2026-03-01T12:00:00.000000", "2026-03-01T12:00:00.000001", "2026-03-01T12:00:00.000002"]);
    expect([...times].sort()).toEqual(times);
    expect(times.at(-1)).toBe("2026-03-01T12:00:00.001000");
  });

  it.each(["", "   ", "x".repeat(101), null, 7, {}])("without a usable name (%j) is refused aloud", async (name) => {
    const tidemark = page.start();
    tidemark.event(name as string);
    await tidemark.flush();
    expect(page.received).toHaveLength(0);
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining("1 to 100 characters"));
  });

  it("carries what was registered, until it is removed", async () => {
    const tidemark = page.start();
    tidemark.register({ plan: "pro", beta: true });
    tidemark.register({ beta: undefined });
    tidemark.event("a", { plan: "own" });
    tidemark.event("b");
    await tidemark.flush();
    expect(page.events.map((event) => event.properties)).toEqual([{ plan: "own" }, { plan: "pro" }]);
  });
});

describe("page views", () => {
  it("and events of a page that is only prepared wait until it is shown", async () => {
    const state = vi.fn(() => true);
    Object.defineProperty(document, "prerendering", { configurable: true, get: state });
    try {
      const tidemark = page.start({ autoPageView: true });
      history.replaceState({}, "", "/list?tab=1");
      tidemark.event("ready");
      await pass(2_000);
      expect(page.received).toHaveLength(0);
      state.mockReturnValue(false);
      document.dispatchEvent(new Event("prerenderingchange"));
      await pass(2_000);
      expect(page.names).toEqual(["page_view", "ready"]);
      expect(page.events.map((event) => event.page_url)).toEqual(Array(2).fill("https://shop.example/list?tab=1"));
    } finally {
      Reflect.deleteProperty(document, "prerendering");
    }
  });

  it("are recorded on load, with what the visitor's screen is like", async () => {
    document.title = "Start";
    page.start({ autoPageView: true });
    await pass(2_000);
    expect(page.names).toEqual(["page_view"]);
    expect(page.last.properties).toMatchObject({ title: "Start", path: "/start", screen_width: screen.width });
    expect(Object.keys(page.last.properties).sort()).toEqual(
      ["language", "path", "screen_height", "screen_width", "timezone", "title"].sort(),
    );
  });

  it("follow a single-page app, but only to another path or query", async () => {
    page.start({ autoPageView: true });
    history.pushState({}, "", "/list");
    document.title = "List";
    await pass(0);
    history.replaceState({}, "", "/list#row-3");
    await pass(0);
    history.pushState({}, "", "/list?page=2");
    await pass(0);
    history.pushState({}, "", "/redirecting");
    history.replaceState({}, "", "/target");
    await pass(0);
    window.dispatchEvent(new PopStateEvent("popstate"));
    await pass(2_000);
    expect(page.events.map((event) => [event.properties.path, event.page_url, event.referrer])).toEqual([
      ["/start", "https://shop.example/start?utm_source=mail", ""],
      ["/list", "https://shop.example/list", "https://shop.example/start?utm_source=mail"],
      ["/list", "https://shop.example/list?page=2", "https://shop.example/list"],
      ["/target", "https://shop.example/target", "https://shop.example/list?page=2"],
    ]);
    expect(page.events[1]?.properties.title).toBe("List");
  });

  it("can be switched off and recorded by hand", async () => {
    const tidemark = page.start();
    history.pushState({}, "", "/elsewhere");
    await pass(3_000);
    expect(page.received).toHaveLength(0);
    tidemark.page({ section: "news" });
    await tidemark.flush();
    expect(page.last).toMatchObject({ event_name: "page_view", properties: { path: "/elsewhere", section: "news" } });
  });

  it("count a page that comes back from the back/forward cache", async () => {
    page.start({ autoPageView: true });
    window.dispatchEvent(new Event("pagehide"));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await pass(2_000);
    expect(page.received.map((request) => request.via)).toEqual(["beacon", "fetch"]);
    // The beacon had no response, so its event is sent again, under its id.
    expect(page.names).toEqual(["page_view", "page_view", "page_view"]);
    expect(new Set(page.events.map((event) => event.event_id)).size).toBe(2);
  });
});

describe("identity", () => {
  it("stays anonymous and the same over reloads", async () => {
    page.start().event("a");
    await pass(2_000);
    closePage();
    page.start().event("b");
    await pass(2_000);
    expect(page.events[0]?.distinct_id).toBe(page.events[1]?.distinct_id);
    expect(document.cookie).toBe("");
  });

  it("links the anonymous visitor to the user once", async () => {
    const tidemark = page.start();
    tidemark.event("a");
    tidemark.identify("user-7", { plan: "pro" });
    tidemark.identify("user-7");
    tidemark.event("b");
    await tidemark.flush();
    const [before, identified, after] = page.events;
    expect(page.names).toEqual(["a", "$identify", "b"]);
    expect(identified?.distinct_id).toBe("user-7");
    expect(identified?.properties).toEqual({ $anon_distinct_id: before?.distinct_id, $set: { plan: "pro" } });
    expect(after?.distinct_id).toBe("user-7");
  });

  it("never links two users of one device", async () => {
    const tidemark = page.start();
    tidemark.identify("user-1");
    tidemark.identify("user-2");
    await tidemark.flush();
    expect(page.last.properties).not.toHaveProperty("$anon_distinct_id");
    expect(page.events[0]?.session_id).not.toBe(page.events[1]?.session_id);
  });

  it.each(["", " ", "null", "undefined", "0", 0, "[object Object]", "NaN", null, undefined, {}, true])(
    "refuses %j as a user",
    async (id) => {
      const tidemark = page.start();
      tidemark.identify(id as string);
      tidemark.event("a");
      await tidemark.flush();
      expect(page.names).toEqual(["a"]);
      expect(console.error).toHaveBeenCalledWith(expect.stringContaining("identify()"));
    },
  );

  it("is new after reset, with a new session", async () => {
    const tidemark = page.start();
    tidemark.identify("user-1");
    tidemark.register({ plan: "pro" });
    tidemark.reset();
    tidemark.event("b");
    await tidemark.flush();
    const [first, second] = page.events;
    expect(second?.distinct_id).not.toBe("user-1");
    expect(second?.distinct_id).not.toBe(first?.properties.$anon_distinct_id);
    expect(second?.session_id).not.toBe(first?.session_id);
    expect(second?.properties).toEqual({});
  });

  it("follows a log-in in another tab", async () => {
    const one = page.start();
    const other = page.start();
    one.event("a");
    other.identify("user-1");
    one.event("b");
    await one.flush();
    expect(page.events.at(-1)).toMatchObject({ event_name: "b", distinct_id: "user-1" });
  });

  it("has another id of an older system, which is the same person", async () => {
    const tidemark = page.start();
    tidemark.alias(" old-7 ");
    tidemark.alias("undefined");
    await tidemark.flush();
    expect(page.events.map((event) => [event.event_name, event.properties])).toEqual([["$create_alias", { alias: "old-7" }]]);
    expect(page.last.distinct_id).toBe(tidemark.distinctId());
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining("alias()"));
  });

  it("belongs to groups", async () => {
    const tidemark = page.start();
    tidemark.group("company", "acme", { seats: 5 });
    tidemark.event("a");
    await tidemark.flush();
    expect(page.events[0]).toMatchObject({
      event_name: "$groupidentify",
      properties: { $group_type: "company", $group_key: "acme", $group_set: { seats: 5 } },
    });
    expect(page.events[1]?.properties).toEqual({ $groups: { company: "acme" } });
  });

  it("begins a new session after an hour of inactivity, and not before", async () => {
    const tidemark = page.start();
    tidemark.event("a");
    vi.setSystemTime(Date.now() + 59 * 60_000);
    tidemark.event("b");
    vi.setSystemTime(Date.now() + 59 * 60_000);
    tidemark.event("c");
    vi.setSystemTime(Date.now() + 60 * 60_000);
    tidemark.event("d");
    await tidemark.flush();
    const [a, b, c, d] = page.events.map((event) => event.session_id);
    expect(b).toBe(a);
    expect(c).toBe(a);
    expect(d).not.toBe(a);
  });

  it.each(["memory", "sessionStorage"] as const)("can be kept in %s only", async (persistence) => {
    const tidemark = page.start({ persistence });
    tidemark.event("a");
    tidemark.event("b");
    await tidemark.flush();
    expect(localStorage).toHaveLength(0);
    if (persistence === "memory") expect(sessionStorage).toHaveLength(0);
    expect(page.events[0]?.distinct_id).toBe(page.events[1]?.distinct_id);
    expect(page.events[0]?.session_id).toBe(page.events[1]?.session_id);
  });
});

describe("the id to ask for flags with", () => {
  it("is the one that events carry, before and after the visitor is identified", async () => {
    const tidemark = page.start();
    const anonymous = tidemark.distinctId();
    tidemark.event("a");
    tidemark.identify("user-1");
    expect(tidemark.distinctId()).toBe("user-1");
    await tidemark.flush();
    expect(page.events[0]?.distinct_id).toBe(anonymous);
  });

  it("is empty, and stores nothing, while recording is off", () => {
    const tidemark = page.start();
    tidemark.optOut();
    expect(tidemark.distinctId()).toBe("");
    expect(Object.keys(localStorage)).toEqual(["tidemark:pk_test:opted-out"]);
  });
});

describe("the visitor's choice", () => {
  it("opt-out lasts, and removes what was kept", async () => {
    const tidemark = page.start();
    tidemark.event("never sent");
    tidemark.optOut();
    tidemark.event("a");
    tidemark.identify("user-1");
    closePage();
    page.start({ autoPageView: true }).event("b");
    await pass(5_000);
    expect(page.received).toHaveLength(0);
    expect(Object.keys(localStorage)).toEqual(["tidemark:pk_test:opted-out"]);
  });

  it("opt-in takes it back", async () => {
    const tidemark = page.start();
    tidemark.optOut();
    tidemark.optIn();
    tidemark.event("a");
    await tidemark.flush();
    expect(page.names).toEqual(["a"]);
  });

  it("setEnabled pauses this page", async () => {
    const tidemark = page.start();
    tidemark.setEnabled(false);
    tidemark.event("a");
    tidemark.setEnabled(true);
    tidemark.event("b");
    await tidemark.flush();
    expect(page.names).toEqual(["b"]);
  });

  it.each([["doNotTrack", "1"], ["globalPrivacyControl", true]])("%s is respected when asked, with nothing stored", async (name, value) => {
    Object.defineProperty(navigator, name, { configurable: true, value });
    page.start({ respectDnt: true, autoPageView: true }).event("a");
    await pass(5_000);
    expect(page.received).toHaveLength(0);
    expect(localStorage).toHaveLength(0);
    const other = page.start();
    other.event("not asked to respect it");
    await other.flush();
    expect(page.received).toHaveLength(1);
    Reflect.deleteProperty(navigator, name);
  });
});

describe("the host page", () => {
  it("never sees an exception", async () => {
    const tidemark = page.start();
    const circular: Record<string, unknown> = { big: 10n, none: undefined, nan: NaN, call: () => 1 };
    circular.self = circular;
    const hostile = new Proxy({}, { ownKeys: () => { throw new Error("no"); }, get: () => { throw new Error("no"); } });
    tidemark.event("circular", circular);
    tidemark.event("hostile", hostile);
    tidemark.event("getter", { good: 1, get bad(): number { throw new Error("no"); } });
    tidemark.register(hostile);
    tidemark.event("text" , "not an object" as never);
    tidemark.page(hostile);
    await tidemark.flush();
    expect(page.names).toEqual(["circular", "hostile", "getter", "text", "page_view"]);
    expect(page.events[0]?.properties).toEqual({ big: "10", nan: null, self: "[Circular]" });
    expect(page.events[2]?.properties).toEqual({ good: 1 });
  });

  it("works where storage is blocked", async () => {
    vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => { throw new DOMException("denied", "SecurityError"); });
    vi.spyOn(globalThis, "sessionStorage", "get").mockImplementation(() => { throw new DOMException("denied", "SecurityError"); });
    const tidemark = page.start();
    tidemark.event("a");
    tidemark.event("b");
    await tidemark.flush();
    expect(page.events[0]?.distinct_id).toBe(page.events[1]?.distinct_id);
    expect(page.events[0]?.session_id).toBe(page.events[1]?.session_id);
  });

  it("works where storage is full", async () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => { throw new DOMException("full", "QuotaExceededError"); });
    const tidemark = page.start();
    tidemark.event("a");
    tidemark.event("b");
    await tidemark.flush();
    expect(page.events[0]?.distinct_id).toBe(page.events[1]?.distinct_id);
  });

  it.each([[{}, "project is missing"], [{ project: "sk_x" }, "secret key"], [undefined, "project is missing"]])(
    "is told what is wrong with init(%j)",
    async (options, message) => {
      const { createTidemark } = await import("../../src/tidemark.js");
      const tidemark = createTidemark(load);
      tidemark.init(options as never);
      tidemark.event("a");
      await tidemark.flush();
      expect(console.error).toHaveBeenCalledWith(expect.stringContaining(message));
    },
  );
});

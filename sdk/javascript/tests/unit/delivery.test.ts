import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Load } from "../../src/modules.js";
import type { TrackedEvent } from "../../src/outbox.js";
import { failing, load, noAnswer, Page, pass, setVisibility, taken } from "./page.js";
import { closePage, freshPages } from "./setup.js";

freshPages();
let page: Page;
beforeEach(() => {
  page = new Page();
});

function record(tidemark: ReturnType<Page["start"]>, count: number, properties: object = {}): void {
  for (let n = 0; n < count; n++) tidemark.event(`event ${n}`, properties);
}

describe("batches", () => {
  it("go out as soon as ten events wait", async () => {
    const tidemark = page.start();
    record(tidemark, 9);
    await pass(0);
    expect(page.received).toHaveLength(0);
    record(tidemark, 1);
    await pass(0);
    expect(page.received.map((request) => request.events.length)).toEqual([10]);
  });

  it("go out two seconds after the first event, however many follow", async () => {
    const tidemark = page.start();
    tidemark.event("first");
    await pass(1_500);
    tidemark.event("second");
    expect(page.received).toHaveLength(0);
    await pass(500);
    expect(page.names).toEqual(["first", "second"]);
  });

  it("carry the key and the time of sending, as text, without credentials", async () => {
    const tidemark = page.start();
    tidemark.event("a");
    await tidemark.flush();
    const [request] = page.received;
    expect(request?.url).toBe("https://stats.example/api/v1/events/ingest");
    expect(request?.api_key).toBe("pk_test");
    expect(request?.sent_at).toBe("2026-03-01T12:00:00.000Z");
    expect(request?.init).toMatchObject({ method: "POST", credentials: "omit", keepalive: true });
    expect(request?.init.headers).toBeUndefined();
  });

  it("leave one at a time, in order", async () => {
    let release: (() => void) | undefined;
    page.replies = [async () => {
      await new Promise<void>((resolve) => { release = resolve; });
      return taken();
    }];
    const tidemark = page.start();
    record(tidemark, 25);
    await pass(10_000);
    expect(page.received).toHaveLength(1);
    release?.();
    await pass(0);
    expect(page.names).toEqual([...Array(25).keys()].map((n) => `event ${n}`));
  });

  it("hold at most 50 events and 60 kB", async () => {
    page.replies = [failing(503)];
    const tidemark = page.start();
    record(tidemark, 120);
    await pass(3_000);
    expect(page.received.slice(1).map((request) => request.events.length)).toEqual([50, 50, 20]);
    record(tidemark, 30, { text: "é".repeat(4_000) });
    await tidemark.flush();
    const sizes = page.received.map((request) => new TextEncoder().encode(request.init.body as string).length);
    expect(Math.max(...sizes)).toBeLessThan(61_000);
    expect(page.events.filter((event) => event.properties.text)).toHaveLength(30);
  });
});

describe("when the server cannot take events", () => {
  it("sends the same events again after 1, 2 and 4 seconds, then once a minute later", async () => {
    page.reply = failing(503);
    const times: number[] = [];
    const tidemark = page.start();
    tidemark.event("kept");
    for (let second = 0; second < 75; second++) {
      const before = page.received.length;
      await pass(1_000);
      if (page.received.length > before) times.push(second);
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([1, 2, 4, 60]);
    expect(new Set(page.events.map((event) => event.event_id)).size).toBe(1);
    page.reply = taken;
    await pass(3_000);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it.each([429, 503])("waits as long as Retry-After of a %i says", async (status) => {
    page.replies = [failing(status, "slow down", { "Retry-After": "30" })];
    const tidemark = page.start();
    tidemark.event("a");
    await tidemark.flush();
    await tidemark.flush();
    await pass(29_000);
    expect(page.received).toHaveLength(1);
    await pass(2_000);
    expect(page.received).toHaveLength(2);
  });

  it("flush tries at once while it rests, and again resolves when that fails", async () => {
    page.reply = failing(503);
    const tidemark = page.start();
    tidemark.event("kept");
    await pass(12_000);
    expect(page.received).toHaveLength(4);
    await tidemark.flush();
    expect(page.received).toHaveLength(5);
    expect(tidemark.stats()).toMatchObject({ sent: 0, waiting: 1 });
    page.reply = taken;
    await tidemark.flush();
    expect(page.received).toHaveLength(6);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it("does not try while it rests because the page is hidden", async () => {
    page.reply = failing(503);
    page.start().event("kept");
    await pass(12_000);
    setVisibility("hidden");
    await pass(1_000);
    expect(page.received).toHaveLength(4);
  });

  it("flush waits for the end of Retry-After, and resolves meanwhile", async () => {
    page.replies = [failing(429, "slow down", { "Retry-After": "30" })];
    const tidemark = page.start();
    tidemark.event("kept");
    for (let n = 0; n < 3; n++) await tidemark.flush();
    expect(page.received).toHaveLength(1);
    await pass(31_000);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it("tries again at once when the network is back", async () => {
    page.replies = [noAnswer, noAnswer, noAnswer, noAnswer];
    const tidemark = page.start();
    tidemark.event("a");
    await pass(20_000);
    expect(page.received).toHaveLength(4);
    window.dispatchEvent(new Event("online"));
    await pass(0);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it("gives up on an answer that never comes and tries again", async () => {
    page.replies = [() => new Promise(() => undefined)];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      page.received.push({ url, init } as never);
      return page.received.length > 1
        ? taken()
        : new Promise((_resolve, reject) => {
            init.signal?.addEventListener("abort", () => { reject(new DOMException("aborted", "AbortError")); });
          });
    });
    const tidemark = page.start();
    tidemark.event("a");
    await pass(20_000);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it.each([400, 401, 403, 422])("does not repeat what a %i refuses, and says why", async (status) => {
    page.replies = [failing(status, "Unknown key pk_test.")];
    const tidemark = page.start();
    tidemark.event("a");
    await pass(120_000);
    expect(page.received).toHaveLength(1);
    expect(tidemark.stats()).toEqual({ sent: 0, waiting: 0, refused: 1, lost: 0 });
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining(`HTTP ${status}: Unknown key pk_test.`));
  });

  it("repeats a 408", async () => {
    page.replies = [failing(408)];
    const tidemark = page.start();
    tidemark.event("a");
    await pass(5_000);
    expect(tidemark.stats()).toMatchObject({ sent: 1, waiting: 0 });
  });

  it("halves a batch that is too large, down to the one event that cannot pass", async () => {
    const tidemark = page.start();
    page.reply = () =>
      (page.received.at(-1)?.events ?? []).some((event) => event.event_name === "event 5") ? failing(413)() : taken();
    record(tidemark, 10);
    await pass(30_000);
    expect(tidemark.stats()).toEqual({ sent: 9, waiting: 0, refused: 1, lost: 0 });
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining("too large"));
  });

  it("reports events that the answer lists as dropped", async () => {
    page.replies = [
      () => Response.json({ results: [{ status: "accepted" }, { status: "dropped", reason: "too_old", message: "Too old." }] }, { status: 202 }),
    ];
    const tidemark = page.start();
    record(tidemark, 2);
    await tidemark.flush();
    expect(tidemark.stats()).toEqual({ sent: 1, waiting: 0, refused: 1, lost: 0 });
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining("Too old."));
  });

  it("keeps the newest 10,000 events, and tells the server how many it lost", async () => {
    page.reply = failing(503);
    const tidemark = page.start();
    await pass(0);
    record(tidemark, 10_100);
    await pass(0);
    expect(tidemark.stats()).toMatchObject({ waiting: 10_000, lost: 100 });
    page.reply = taken;
    page.received.length = 0;
    await pass(5_000);
    // The ten that were on their way when the outbox overflowed were not given up.
    expect(page.names.slice(8, 12)).toEqual(["event 8", "event 9", "event 110", "event 111"]);
    expect(page.received[0]?.client_lost).toBe(100);
  });
});

describe("until the module that sends has loaded", () => {
  /** Loads modules once `isThere` says so, as behind a server that fails at first. */
  function loadFrom(isThere: () => boolean): Load {
    return ((name: "delivery" | "messages") => (isThere() ? load(name) : Promise.reject(new Error("503")))) as Load;
  }

  it("keeps events, and sends them when it is loaded a minute later", async () => {
    let isThere = false;
    const tidemark = page.start({}, loadFrom(() => isThere));
    record(tidemark, 25);
    await tidemark.flush();
    await pass(59_000);
    expect(page.received).toHaveLength(0);
    isThere = true;
    await pass(5_000);
    expect(page.names).toEqual([...Array(25).keys()].map((n) => `event ${n}`));
    expect(tidemark.stats()).toEqual({ sent: 25, waiting: 0, refused: 0, lost: 0 });
  });

  it("asks once a minute, however often the page has asked to send", async () => {
    let asked = 0;
    const tidemark = page.start({}, loadFrom(() => (asked += 1) < 0));
    for (let n = 0; n < 20; n++) await tidemark.flush();
    await pass(50_000);
    asked = 0;
    await pass(5 * 60_000);
    expect(asked).toBeLessThanOrEqual(2 * 6);
  });

  it("asks for it again at once when the network is back", async () => {
    let isThere = false;
    page.start({}, loadFrom(() => isThere)).event("a");
    await pass(1_000);
    isThere = true;
    window.dispatchEvent(new Event("online"));
    await pass(2_000);
    expect(page.names).toEqual(["a"]);
  });

  it.each([
    ["is hidden", () => { setVisibility("hidden"); }],
    ["is left", () => { window.dispatchEvent(new Event("pagehide")); }],
  ])("hands what waits to a beacon when the page %s, and keeps it for the next page", async (_, end) => {
    page.start({}, loadFrom(() => false)).event("a");
    await pass(1_000);
    end();
    expect(page.received.map(({ via, events }) => [via, events.length])).toEqual([["beacon", 1]]);
    closePage();
    const next = new Page();
    next.start();
    await pass(3_000);
    expect(next.events).toEqual(page.events);
  });
});

describe("after a reload", () => {
  it("sends what could not be sent, with the ids and times it had", async () => {
    page.reply = failing(503);
    page.start().event("before reload", { step: 1 });
    await pass(3_000);
    const [first] = page.events;
    closePage();
    const next = new Page();
    next.start();
    await pass(3_000);
    expect(next.events).toEqual([first]);
    new Page().start();
    expect(Object.keys(localStorage).filter((key) => key.includes("unsent"))).toEqual([]);
  });

  it("never loses another tab's events to its own", async () => {
    const one = new Page();
    one.reply = failing(503);
    const first = one.start();
    const second = one.start();
    first.event("from one");
    second.event("from two");
    await pass(3_000);
    closePage();
    const next = new Page();
    next.start();
    await pass(3_000);
    expect(next.names.sort()).toEqual(["from one", "from two"]);
  });

  describe("where the module that delivers can never be loaded", () => {
    const withoutDelivery = ((name) => (name === "delivery" ? Promise.reject(new Error("blocked")) : load(name))) as Load;
    const keys = (): string[] => Object.keys(localStorage).filter((key) => key.includes("unsent"));

    /** A visit of a page some days after the first one. */
    async function visit(days: number, events = 1, properties: object = {}): Promise<void> {
      vi.useFakeTimers({ now: Date.parse("2026-03-01T12:00:00Z") + days * 86_400_000 });
      record(page.start({}, withoutDelivery), events, { ...properties, days });
      await pass(0);
      closePage();
    }

    const days = (): unknown[] => keys().sort().map((key) => (JSON.parse(localStorage.getItem(key) ?? "") as TrackedEvent[])[0]?.properties.days);

    it("keeps what pages have left for 30 days", async () => {
      await visit(0);
      await visit(0.5);
      await visit(29.9);
      expect(days()).toEqual([0, 0.5, 29.9]);
      await visit(30.1);
      expect(days()).toEqual([0.5, 29.9, 30.1]);
      vi.useFakeTimers({ now: new Date("2026-03-31T18:00:00Z") });
      const next = new Page();
      next.start();
      await pass(3_000);
      expect(next.events.map((event) => event.properties.days).sort()).toEqual([0.5, 29.9, 30.1]);
    });

    it("keeps a million characters of what the latest pages have left, and what is the site's own", async () => {
      localStorage.setItem("own", "kept");
      for (let number = 0; number < 20; number++) await visit(number / 100, 20, { a: "a".repeat(4_000), b: "b".repeat(4_000) });
      const size = localStorage.getItem(keys()[0] ?? "")?.length ?? 0;
      const kept = Math.floor(1_000_000 / size);
      vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00Z") });
      page.start({}, withoutDelivery);
      expect(kept).toBeGreaterThan(3);
      expect(days()).toEqual(Array.from({ length: kept }, (_, index) => (20 - kept + index) / 100));
      expect(localStorage.getItem("own")).toBe("kept");
    });
  });

  it("survives damaged storage", async () => {
    localStorage.setItem("tidemark:pk_test:unsent:x", "{not json");
    localStorage.setItem("tidemark:pk_test:visitor", "[1]");
    const tidemark = page.start();
    tidemark.event("a");
    await tidemark.flush();
    expect(page.names).toEqual(["a"]);
  });
});

describe("leaving the page", () => {
  it.each(["pagehide", "beforeunload"])("hands what waits to a beacon on %s", (type) => {
    page.start().event("last");
    window.dispatchEvent(new Event(type));
    expect(page.received.map((request) => [request.via, request.events.length])).toEqual([["beacon", 1]]);
    window.dispatchEvent(new Event("pagehide"));
    expect(page.received).toHaveLength(1);
  });

  it("splits what is too much for one beacon", () => {
    const tidemark = page.start();
    page.replies = [() => new Promise(() => undefined)];
    record(tidemark, 60, { text: "x".repeat(3_000) });
    window.dispatchEvent(new Event("pagehide"));
    const beacons = page.received.filter((request) => request.via === "beacon");
    expect(beacons.length).toBeGreaterThan(2);
    expect(page.events).toHaveLength(60);
  });

  it("sends by fetch when the beacon is refused", () => {
    page.beaconAccepts = false;
    page.start().event("last");
    window.dispatchEvent(new Event("pagehide"));
    expect(page.received.map((request) => [request.via, request.init.keepalive])).toEqual([["fetch", true]]);
  });

  it("still sends events that happen after pagehide", () => {
    const tidemark = page.start();
    window.dispatchEvent(new Event("pagehide"));
    tidemark.event("page_unload");
    expect(page.names).toEqual(["page_unload"]);
  });

  it("sends on hide in a request whose answer is read, so that a refusal is not a loss", async () => {
    page.replies = [failing(503)];
    const tidemark = page.start();
    await pass(0);
    tidemark.event("a");
    setVisibility("hidden");
    expect(page.received.map((request) => [request.via, request.init.keepalive])).toEqual([["fetch", true]]);
    await pass(2_000);
    expect(page.received).toHaveLength(2);
    expect(page.events[0]?.event_id).toBe(page.events[1]?.event_id);
  });

  it("uses a beacon again once flush has sent in the pause after failures", async () => {
    page.reply = failing(503);
    const tidemark = page.start();
    tidemark.event("first");
    await pass(12_000);
    page.reply = taken;
    await tidemark.flush();
    tidemark.event("second");
    window.dispatchEvent(new Event("pagehide"));
    expect(page.received.at(-1)).toMatchObject({ via: "beacon", events: [{ event_name: "second" }] });
  });

  it("keeps in storage what a failing server might not have got by beacon", async () => {
    page.reply = noAnswer;
    page.start().event("a");
    await pass(3_000);
    window.dispatchEvent(new Event("pagehide"));
    expect(page.received.at(-1)?.via).toBe("beacon");
    closePage();
    const next = new Page();
    next.start();
    await pass(3_000);
    expect(next.names).toEqual(["a"]);
  });

  it("respects the server's wish for patience even then", async () => {
    page.reply = failing(429, "slow", { "Retry-After": "60" });
    page.start().event("a");
    await pass(3_000);
    window.dispatchEvent(new Event("pagehide"));
    expect(page.received).toHaveLength(1);
    expect(Object.keys(localStorage).some((key) => key.includes("unsent"))).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Delivery, type WireEvent } from "../src/delivery";

interface Sent {
  api_key: string;
  sent_at: string;
  events: WireEvent[];
}

const answers: (() => Response | Promise<Response>)[] = [];
let requests: Sent[] = [];

function make(keepUnsent = true): Delivery {
  return new Delivery({
    endpoint: "https://events.test/api/v1/events/ingest",
    key: "pk_test",
    batchSize: 10,
    flushIntervalMs: 2_000,
    keepUnsent,
  });
}

function event(id: string): WireEvent {
  return { event_id: id, event_name: "tested", timestamp: "2026-01-01T00:00:00Z" };
}

function ids(): string[][] {
  return requests.map((request) => request.events.map((sent) => sent.event_id));
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  requests = [];
  answers.length = 0;
  vi.stubGlobal("fetch", (_url: string, init: { body: string }) => {
    requests.push(JSON.parse(init.body) as Sent);
    const answer = answers.shift() ?? (() => new Response('{"accepted":1,"dropped":0,"results":[]}', { status: 202 }));
    return Promise.resolve().then(answer);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("batching", () => {
  it("sends what came within two seconds in one request", async () => {
    const delivery = make();
    delivery.add(event("a"));
    delivery.add(event("b"));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(requests).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(ids()).toEqual([["a", "b"]]);
    expect(requests[0]).toMatchObject({ api_key: "pk_test" });
    expect(delivery.sent).toBe(2);
  });

  it("sends ten events at once without waiting", async () => {
    const delivery = make();
    for (let index = 0; index < 10; index++) delivery.add(event(String(index)));
    await vi.advanceTimersByTimeAsync(0);
    expect(ids().flat()).toHaveLength(10);
  });
});

describe("when the server is in trouble", () => {
  it("sends the same ids again after a 503, no sooner than Retry-After", async () => {
    answers.push(() => new Response("", { status: 503, headers: { "Retry-After": "30" } }));
    const delivery = make();
    delivery.add(event("a"));
    await vi.advanceTimersByTimeAsync(2_000 + 29_000);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ids()).toEqual([["a"], ["a"]]);
    expect(delivery).toMatchObject({ sent: 1, lost: 0 });
  });

  it("keeps going when the connection is cut", async () => {
    answers.push(() => Promise.reject(new TypeError("cut")), () => Promise.reject(new TypeError("cut")));
    const delivery = make();
    delivery.add(event("a"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ids()).toEqual([["a"], ["a"], ["a"]]);
    expect(delivery.sent).toBe(1);
  });

  it("halves a batch that is too large", async () => {
    answers.push(() => new Response("{}", { status: 413 }));
    const delivery = make();
    for (let index = 0; index < 10; index++) delivery.add(event(String(index)));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(requests.map((request) => request.events.length)).toEqual([10, 5, 5]);
    expect(delivery).toMatchObject({ sent: 10, lost: 0 });
  });

  it("does not repeat what the server refuses, and says why", async () => {
    const warning = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    answers.push(() => new Response('{"message":"This key is not valid."}', { status: 401 }));
    const delivery = make();
    delivery.add(event("a"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(1);
    expect(delivery).toMatchObject({ sent: 0, lost: 1 });
    expect(warning.mock.calls.flat().join()).toContain("This key is not valid.");
  });
});

describe("leaving the page", () => {
  it("hands everything to beacons below the browser's limit", () => {
    const beacons: Blob[] = [];
    vi.stubGlobal("navigator", { sendBeacon: (_url: string, body: Blob) => beacons.push(body) > 0 });
    const delivery = make();
    for (let index = 0; index < 9; index++) {
      delivery.add({ ...event(String(index)), properties: { text: "x".repeat(20_000) } });
    }
    delivery.flushOnExit();
    expect(Math.max(...beacons.map((beacon) => beacon.size))).toBeLessThan(64_000);
    const sizes = beacons.length;
    expect(sizes).toBeGreaterThanOrEqual(4);
  });

  it("lets the next page send what stayed unsent, under the same ids", async () => {
    vi.stubGlobal("navigator", { sendBeacon: () => true });
    const first = make();
    first.add(event("a"));
    first.flushOnExit();
    requests = [];
    make();
    await vi.advanceTimersByTimeAsync(1);
    expect(ids()).toEqual([["a"]]);
  });

  it("keeps nothing in the browser when told not to", () => {
    vi.stubGlobal("navigator", { sendBeacon: () => true });
    const delivery = make(false);
    delivery.add(event("a"));
    delivery.flushOnExit();
    expect(localStorage).toHaveLength(0);
  });
});

it("bounds the queue and counts what it pushes out", () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  const delivery = make();
  for (let index = 0; index < 1_005; index++) delivery.add(event(String(index)));
  expect(delivery.lost).toBe(5);
});

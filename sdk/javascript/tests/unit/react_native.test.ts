// @vitest-environment node
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTidemark } from "../../src/frameworks/react_native.js";
import { createQueue, type AsyncStorage } from "../../src/frameworks/native_queue.js";
import type { TrackedEvent } from "../../src/outbox.js";

/** AsyncStorage of the device; it outlives the app. */
class Device implements AsyncStorage {
  readonly values = new Map<string, string>();
  getItem = (key: string) => Promise.resolve(this.values.get(key) ?? null);
  setItem = (key: string, value: string): Promise<void> => {
    this.values.set(key, value);
    return Promise.resolve();
  };
  getAllKeys = () => Promise.resolve([...this.values.keys()]);
  removeItem = (key: string): Promise<void> => {
    this.values.delete(key);
    return Promise.resolve();
  };
}

let device: Device;
let events: TrackedEvent[];
let requests: { events: TrackedEvent[]; sent_at: string; client_lost?: number }[];
let reply: () => Response | Promise<Response>;
let listeners: ((state: string) => void)[];
const taken = (): Response => Response.json({ results: [] }, { status: 202 });

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-01T12:00:00Z") });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [device, events, requests, listeners, reply] = [new Device(), [], [], [], taken];
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    const request = JSON.parse(body) as (typeof requests)[0];
    requests.push(request);
    const response = await reply();
    if (response.ok) events.push(...request.events);
    return response;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function start(): ReturnType<typeof createTidemark> {
  const appState = { addEventListener: (_type: "change", listener: (state: string) => void) => listeners.push(listener) };
  return createTidemark({ project: "pk_test", apiUrl: "https://stats.example", storage: device, appState });
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const names = (): string[] => events.map((event) => event.event_name);

it("sends two seconds after the first event, at ten, and when the app goes to the background", async () => {
  const app = start();
  app.event("first", { when: new Date(0) });
  await pass(1_900);
  expect(requests).toHaveLength(0);
  await pass(100);
  expect(names()).toEqual(["first"]);
  expect(events[0]?.properties).toEqual({ when: "1970-01-01T00:00:00.000Z" });
  for (let n = 0; n < 10; n++) app.event("many");
  await pass(0);
  expect(names()).toHaveLength(11);
  app.event("last");
  for (const listener of listeners) listener("background");
  await pass(0);
  expect(names()).toHaveLength(12);
});

it("keeps events of a killed app, with their ids and times, and sends them before those of the next run", async () => {
  reply = () => new Response("{}", { status: 503 });
  start().event("before");
  await pass(3_000);
  vi.clearAllTimers();
  await pass(3_600_000);
  reply = taken;
  requests.length = 0;
  start().event("after");
  await pass(2_000);
  expect(names()).toEqual(["before", "after"]);
  expect(events[0]?.timestamp).toBe("2026-03-01T12:00:00.000000Z");
  expect(new Set(events.map((event) => event.distinct_id)).size).toBe(1);
  expect([...device.values.keys()]).toEqual(["tidemark:pk_test:person"]);
});

it("waits after failures, and as long as the server asks", async () => {
  reply = () => new Response("{}", { status: 429, headers: { "Retry-After": "30" } });
  start().event("patient");
  await pass(2_000);
  expect(requests).toHaveLength(1);
  reply = () => new Response("{}", { status: 500 });
  await pass(29_000);
  expect(requests).toHaveLength(1);
  await pass(1_000);
  expect(requests).toHaveLength(2);
  reply = taken;
  await pass(2_000);
  expect(names()).toEqual(["patient"]);
});

it("flush tries at once after a failure, but not before the server's Retry-After", async () => {
  reply = () => new Response("{}", { status: 502 });
  const app = start();
  app.event("kept");
  await pass(20_000);
  const before = requests.length;
  await app.flush();
  expect(requests).toHaveLength(before + 1);
  reply = () => new Response("{}", { status: 503, headers: { "Retry-After": "30" } });
  await app.flush();
  reply = taken;
  await app.flush();
  expect(names()).toEqual([]);
  await pass(60_000);
  expect(names()).toEqual(["kept"]);
});

it("halves a batch that is too large, and drops what is refused for good", async () => {
  reply = () => new Response("{}", { status: (requests.at(-1)?.events.length ?? 0) > 2 ? 413 : requests.length === 3 ? 422 : 202 });
  const app = start();
  for (let n = 0; n < 5; n++) app.event(`event ${n}`);
  await pass(2_000);
  expect(requests.map((request) => request.events.length)).toEqual([5, 3, 2, 3, 2, 1]);
  expect([...device.values.keys()]).toEqual(["tidemark:pk_test:person"]);
});

it("makes the anonymous visitor the user's, and never one person of two users", async () => {
  const app = start();
  app.event("anonymous");
  app.identify("user-1", { plan: "pro" });
  app.identify("undefined");
  app.identify("user-2");
  app.reset();
  app.event("signed out");
  await pass(2_000);
  const [anonymous, one, two, out] = events;
  expect(one?.properties).toEqual({ $anon_distinct_id: anonymous?.distinct_id, $set: { plan: "pro" } });
  expect(two?.properties).toEqual({ $set: {} });
  expect(events.map((event) => event.distinct_id).slice(1, 3)).toEqual(["user-1", "user-2"]);
  expect([anonymous?.distinct_id, "user-1", "user-2"]).not.toContain(out?.distinct_id);
  expect(out?.session_id).not.toBe(one?.session_id);
});

it("counts what it had to drop, and works when storage fails", async () => {
  device.setItem = () => Promise.reject(new Error("full"));
  device.getItem = () => Promise.reject(new Error("broken"));
  reply = () => new Response("{}", { status: 503 });
  const app = start();
  for (let n = 0; n < 1_003; n++) app.event(`event ${n}`);
  await pass(5_000);
  reply = taken;
  await pass(120_000);
  expect(names()).toHaveLength(1_000);
  expect(names()[0]).toBe("event 3");
  expect(requests.at(-1)?.client_lost).toBe(3);
});

it("stores what is recorded during a request at once, so that a killed app loses nothing", async () => {
  reply = () => new Promise(() => undefined);
  const app = start();
  app.event("hangs");
  await pass(2_000);
  expect(requests).toHaveLength(1);
  app.event("meanwhile");
  await pass(1); // ids of one millisecond have no order
  app.identify("user-1");
  await pass(0);
  expect([...device.values.keys()].filter((key) => key.includes(":event:"))).toHaveLength(3);
  vi.clearAllTimers();
  reply = taken;
  start();
  await vi.waitFor(() => { expect(names()).toEqual(["hangs", "meanwhile", "$identify"]); });
});

it("sends what is recorded during a request in the next one, and flush waits for both", async () => {
  const replies: (() => void)[] = [];
  reply = () => new Promise((resolve) => replies.push(() => { resolve(taken()); }));
  const app = start();
  app.event("first");
  await pass(2_000);
  app.event("second");
  let isFlushed = false;
  void app.flush().then(() => { isFlushed = true; });
  await pass(0);
  expect(requests).toHaveLength(1);
  replies[0]?.();
  await vi.waitFor(() => { expect(requests).toHaveLength(2); });
  expect(isFlushed).toBe(false);
  replies[1]?.();
  await vi.waitFor(() => { expect(isFlushed).toBe(true); });
  expect(requests.map((request) => request.events.map((event) => event.event_name))).toEqual([["first"], ["second"]]);
});

it("drops none that is being sent, because it may arrive", async () => {
  let answer: (response: Response) => void = () => undefined;
  reply = () => new Promise((resolve) => { answer = resolve; });
  const app = start();
  app.event("in flight");
  await pass(2_000);
  for (let n = 0; n < 1_001; n++) app.event(`event ${n}`);
  await pass(0);
  reply = taken;
  answer(taken());
  await vi.waitFor(() => { expect(names()).toHaveLength(1_000); }, 5_000);
  expect(names().slice(0, 2)).toEqual(["in flight", "event 2"]);
  expect(requests.at(-1)?.client_lost).toBe(2);
});

it("goes on after a step that failed", async () => {
  const queue = createQueue("pk_test", "https://stats.example", device);
  await queue.step(() => Promise.reject(new Error("broken")));
  await queue.step(() => queue.add({ event_id: "1", event_name: "after" } as TrackedEvent));
  await pass(2_000);
  expect(names()).toEqual(["after"]);
});

it("sends from memory when storage throws, such as where its native module is missing", async () => {
  for (const name of ["getItem", "setItem", "getAllKeys", "removeItem"] as const) {
    device[name] = () => { throw new Error("null is not an object"); };
  }
  start().event("remembered");
  await pass(2_000);
  expect(names()).toEqual(["remembered"]);
});

it("waits no longer when the device's clock is put back", async () => {
  reply = () => new Response("{}", { status: 503 });
  start().event("patient");
  await pass(2_000);
  reply = taken;
  vi.setSystemTime(new Date("2026-02-28T12:00:00Z"));
  await pass(2_000);
  expect(names()).toEqual(["patient"]);
});

it("waits by the wall clock where there is no other", async () => {
  vi.stubGlobal("performance", undefined);
  reply = () => new Response("{}", { status: 503 });
  start().event("patient");
  await pass(2_000);
  reply = taken;
  await pass(2_000);
  expect(names()).toEqual(["patient"]);
});

import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";
import { queryApi } from "../../../src/api/requests/client";
import { isTimeout, unwrap } from "../../../src/api/requests/errors";
import { keyMetrics, refusal, server, user } from "../../support/server";

const figuresOf = (signal?: AbortSignal) =>
  unwrap(queryApi.GET("/api/v1/analytics/{project_id}/key-metrics", { params: { path: { project_id: 7 }, query: {} }, ...(signal ? { signal } : {}) }));

/** A server that says nothing; a request to it ends when its signal does, like those of browsers before 2024: as aborted. */
function serverIsSilent() {
  vi.useFakeTimers();
  const silent = (_: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(new DOMException("", "AbortError"));
      });
    });
  vi.stubGlobal("fetch", vi.fn(silent));
}

function lacking(): never {
  throw new TypeError("is not a function");
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("browsers without AbortSignal.any and AbortSignal.timeout get answers, also after a refresh of the token", async () => {
  vi.spyOn(AbortSignal, "any").mockImplementation(lacking);
  vi.spyOn(AbortSignal, "timeout").mockImplementation(lacking);
  let isFresh = false;
  server.use(
    http.post("*/api/v1/auth/refresh", () => {
      isFresh = true;
      return HttpResponse.json({ user });
    }),
    http.get("*/api/v1/analytics/7/key-metrics", () => (isFresh ? HttpResponse.json(keyMetrics) : refusal(401, "Expired."))),
  );
  expect(await figuresOf()).toEqual(keyMetrics);
});

test("a request without an answer in time ends, in old browsers too, and is not called aborted", async () => {
  serverIsSilent();
  const failure = figuresOf().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isTimeout(await failure)).toBe(true);
});

test("the server has time to say that a range is too long, which it does after 20 seconds", async () => {
  vi.useFakeTimers();
  const body = { code: "query_timeout", message: "Use a shorter range." };
  const slow = (_: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(new DOMException("", "AbortError"));
      });
      setTimeout(resolve, 22_000, HttpResponse.json(body, { status: 422 }));
    });
  vi.stubGlobal("fetch", vi.fn(slow));
  const failure = figuresOf().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await failure).toMatchObject({ status: 422, message: "Use a shorter range." });
});

test("a request that the page no longer needs is aborted", async () => {
  serverIsSilent();
  const page = new AbortController();
  const failure = figuresOf(page.signal).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1_000);
  page.abort();
  expect(await failure).toMatchObject({ name: "AbortError" });
});

test("large integers stay exact in the answer after a refresh of the token", async () => {
  let isFresh = false;
  server.use(
    http.post("*/api/v1/auth/refresh", () => {
      isFresh = true;
      return HttpResponse.json({ user });
    }),
    http.get("*/api/v1/analytics/7/key-metrics", () =>
      isFresh ? new HttpResponse(`{"id":12345678901234567}`, { headers: { "Content-Type": "application/json" } }) : refusal(401, "Expired."),
    ),
  );
  expect(await figuresOf()).toEqual({ id: "12345678901234567" });
});

import { expect, test } from "vitest";
import { waitedFor, whilePending } from "../../../src/api/requests/pendingRequests";

const API = "http://tidemark.test/api/v1";

test("what is waited for is named once, while it is waited for", async () => {
  let answer: (value: string) => void = () => undefined;
  const silent = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const sentAt = Date.now();
  const paths = ["/analytics/7/web/", "/analytics/7/live", "/alert-events/", "/projects/", "/auth/me", "/system/jobs/", "/health/"];
  const requests = paths.map((path) => whilePending(`${API}${path}?limit=1`, silent));
  expect(waitedFor(8_000, sentAt + 7_000)).toEqual([]);
  expect(waitedFor(8_000, sentAt + 9_000)).toEqual(["accounts", "figures", "server"]);
  answer("done");
  await Promise.all(requests);
  expect(waitedFor(8_000, sentAt + 9_000)).toEqual([]);
});

test("a request that fails is not waited for any more", async () => {
  const failed = whilePending(`${API}/projects/`, Promise.reject(new Error("offline")));
  await expect(failed).rejects.toThrow("offline");
  expect(waitedFor(0)).toEqual([]);
});

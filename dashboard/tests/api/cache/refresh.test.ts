import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { ApiError } from "../../../src/api/requests/errors";
import { refresh } from "../../../src/api/cache/useProjectQuery";

/** Ask once with the options of a live page, where every answer has this status, and count the requests. */
async function requestsOf(status: number): Promise<number> {
  let requests = 0;
  const client = new QueryClient();
  const observer = new QueryObserver(client, {
    queryKey: ["figures"],
    queryFn: () => {
      requests += 1;
      return Promise.reject(new ApiError(status, "Refused."));
    },
    ...refresh(true),
    retryDelay: 1,
  });
  await new Promise<void>((resolve) => {
    const unsubscribe = observer.subscribe(({ isError }) => {
      if (!isError) return;
      unsubscribe();
      resolve();
    });
  });
  client.clear();
  return requests;
}

test.each([400, 403, 429])("a live query that was refused with %i is not repeated at once", async (status) => {
  expect(await requestsOf(status)).toBe(1);
});

test.each([0, 503])("a live query that failed with %i is tried once more", async (status) => {
  expect(await requestsOf(status)).toBe(2);
});

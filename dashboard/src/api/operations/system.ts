import { useQuery } from "@tanstack/react-query";
import { processorApi } from "../requests/client";
import { unwrap } from "../requests/errors";
import { queryKeys } from "../cache/queryKeys";

const STATE_MS = 10_000;

/** The state of the server: what waits, fails and fills up. */
export function useSystem() {
  return useQuery({
    queryKey: queryKeys.system.state,
    queryFn: ({ signal }) => unwrap(processorApi.GET("/api/v1/system/", { signal })),
    refetchInterval: STATE_MS,
  });
}

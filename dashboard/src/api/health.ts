import { useQuery } from "@tanstack/react-query";
import { queryApi } from "./client";
import { unwrap } from "./errors";
import { queryKeys } from "./queryKeys";

const LOOK_MS = 10_000;

/** How many seconds the stored events are behind the received ones; 0 while that is unknown. */
export function useStoringDelay(): number {
  const { data } = useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => unwrap(queryApi.GET("/api/v1/health/", { signal })),
    refetchInterval: LOOK_MS,
    staleTime: 0,
    retry: false,
  });
  return data?.stream["oldest_seconds"] ?? 0;
}

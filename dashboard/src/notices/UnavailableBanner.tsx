import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useSyncExternalStore } from "react";
import { isUnavailable } from "../api/requests/errors";

const UnavailableNotice = lazy(() => import("./UnavailableNotice"));

/** Says once for the page which part of the server does not answer its requests; its script is loaded when one fails. */
export function UnavailableBanner() {
  const client = useQueryClient();
  const subscribe = useCallback((onChange: () => void) => client.getQueryCache().subscribe(onChange), [client]);
  const failed = () => client.getQueryCache().findAll({ type: "active", predicate: ({ state }) => isUnavailable(state.error) });
  const causes = useSyncExternalStore(subscribe, () => [...new Set(failed().map(({ state }) => state.error?.message))].sort().join(" "));
  return causes === "" ? null : (
    <Suspense>
      <UnavailableNotice causes={causes} />
    </Suspense>
  );
}

import { useIsMutating } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useState, type ReactNode } from "react";
import { SHOWS_ONCE } from "../../api/cache/useApiMutation";
import { useLeaveWarning } from "../forms/useLeaveWarning";
import { ShowOnceContext, type ShownOnce } from "./useShowOnce";

const ShowOnceDialog = lazy(() => import("./ShowOnceDialog"));

/**
 * Keep a secret on the screen, whatever page is open by then, until its button is pressed. The browser
 * asks before it closes the page while a secret is shown or on its way.
 */
export function ShowOnceProvider({ children }: { children: ReactNode }) {
  const [queue, setQueue] = useState<readonly ShownOnce[]>([]);
  const isPending = useIsMutating({ mutationKey: SHOWS_ONCE }) > 0;
  useLeaveWarning(isPending || queue.length > 0);
  const show = useCallback((shown: ShownOnce) => {
    setQueue((before) => [...before, shown]);
  }, []);
  const [first] = queue;
  return (
    <ShowOnceContext value={show}>
      {children}
      <Suspense>
        {first ? (
          <ShowOnceDialog
            shown={first}
            onDone={() => {
              setQueue((before) => before.slice(1));
            }}
          />
        ) : null}
      </Suspense>
    </ShowOnceContext>
  );
}

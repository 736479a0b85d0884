import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiError } from "../api/requests/errors";
import { hiddenName, UndoContext, type Undoable } from "../api/cache/undo";
import { t } from "../texts";
import type { Offer } from "./UndoToasts";

// Loaded with the first of them.
const UndoToasts = lazy(() => import("./UndoToasts"));

/**
 * Holds back what a person can still undo, and shows it with its button.
 *
 * A deletion is sent when its time is over, when the page is left and before signing out. If the browser
 * ends without any of these, nothing is deleted.
 */
export function UndoProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const current = useRef(offers);
  const change = useCallback((next: (before: readonly Offer[]) => readonly Offer[]) => {
    current.current = next(current.current);
    setOffers(current.current);
  }, []);
  const drop = useCallback((key: number) => { change((before) => before.filter((one) => one.key !== key)); }, [change]);
  const update = useCallback(
    (key: number, changes: Partial<Offer>) => { change((before) => before.map((one) => (one.key === key ? { ...one, ...changes } : one))); },
    [change],
  );
  const finish = useCallback(
    async (key: number) => {
      const offer = current.current.find((one) => one.key === key);
      if (offer === undefined || offer.state === "sending") return;
      if (offer.send === undefined) { drop(key); return; }
      update(key, { state: "sending" });
      try {
        await offer.send();
      } catch (error) {
        // Somebody else has deleted it.
        if (!(error instanceof ApiError && error.status === 404)) {
          update(key, { state: "failed", error: error instanceof Error ? error : new Error(String(error)) });
          return;
        }
      }
      // The list may come late or not at all, and not be on this page: what is kept of it must not show the item again.
      if (offer.hides) await removeFromCache(client, offer.hides);
      await Promise.allSettled((offer.invalidates ?? []).map((queryKey) => client.invalidateQueries({ queryKey })));
      drop(key);
    },
    [client, drop, update],
  );
  const sendAll = useCallback(async () => {
    await Promise.all(current.current.filter(({ state }) => state === "waiting").map(({ key }) => finish(key)));
  }, [finish]);
  useWhenLeft(sendAll);
  const nextKey = useRef(0);
  const offer = useCallback(
    (undoable: Undoable) => { change((before) => [...before, { ...undoable, key: nextKey.current++, from: document.activeElement, state: "waiting" }]); },
    [change],
  );
  const undo = useCallback(
    (key: number) => {
      current.current.find((one) => one.key === key)?.undo?.();
      drop(key);
    },
    [drop],
  );
  const value = useMemo(() => ({ hidden: hiddenIn(offers), offer, sendAll }), [offers, offer, sendAll]);
  return (
    <UndoContext value={value}>
      {children}
      <section aria-label={t.shell.undo.notices} aria-live="polite">
        <Suspense>{offers.length > 0 ? <UndoToasts offers={offers} onUndo={undo} onEnd={finish} onClose={drop} /> : null}</Suspense>
      </section>
    </UndoContext>
  );
}

/** Leave a deleted item out of the list in the cache, and give up answers that may still contain it. */
async function removeFromCache(client: QueryClient, { list, id }: NonNullable<Undoable["hides"]>) {
  await client.cancelQueries({ queryKey: list, exact: true });
  client.setQueryData<readonly { id: number }[]>(list, (items) => items?.filter((one) => one.id !== id));
}

function hiddenIn(offers: readonly Offer[]): ReadonlySet<string> {
  return new Set(offers.flatMap(({ hides, state }) => (hides && state !== "failed" ? [hiddenName(hides.list, hides.id)] : [])));
}

/** Runs when the page is closed or reloaded, and when another part of the dashboard takes its place. */
function useWhenLeft(run: () => Promise<void>) {
  useEffect(() => {
    const onLeave = () => void run();
    window.addEventListener("pagehide", onLeave);
    return () => {
      window.removeEventListener("pagehide", onLeave);
      onLeave();
    };
  }, [run]);
}

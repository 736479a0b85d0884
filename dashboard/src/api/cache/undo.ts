import { createContext, useCallback, useContext } from "react";
import type { QueryKey } from "@tanstack/react-query";

/** Something that a person has just done and can undo for a few seconds. */
export interface Undoable {
  /** What was done, such as “Goal “Sign-up” deleted”. */
  message: string;
  /** The item that lists leave out until it is undone. */
  hides?: { list: QueryKey; id: number };
  /** Sends it, where it was not sent yet, when the time to undo it is over or the page is left. */
  send?: () => Promise<unknown>;
  undo?: () => void;
  /** What is fetched again once it was sent. */
  invalidates?: readonly QueryKey[];
}

export interface UndoContextValue {
  /** Names of hidden items: see `hiddenName`. */
  hidden: ReadonlySet<string>;
  offer: (undoable: Undoable) => void;
  /** Send everything that waits: before somebody signs out. */
  sendAll: () => Promise<void>;
}

const NOTHING: UndoContextValue = {
  hidden: new Set(),
  offer: ({ send }) => void send?.(),
  sendAll: () => Promise.resolve(),
};

/** Without a provider nothing can be undone: it is done at once. */
export const UndoContext = createContext<UndoContextValue>(NOTHING);

/** What an item is called among the hidden ones. */
export function hiddenName(list: QueryKey, id: number): string {
  return JSON.stringify([...list, id]);
}

/** Offer to undo something. A deletion waits until then, so that what is restored is the same object. */
export function useOfferUndo(): (undoable: Undoable) => void {
  return useContext(UndoContext).offer;
}

/** Return the function that leaves deleted items out of a list, for `select`. */
export function useWithoutDeleted(list: QueryKey) {
  const { hidden } = useContext(UndoContext);
  const prefix = JSON.stringify(list);
  return useCallback(
    <Item extends { id: number }>(items: Item[]): Item[] =>
      hidden.size === 0 ? items : items.filter(({ id }) => !hidden.has(hiddenName(JSON.parse(prefix) as QueryKey, id))),
    [hidden, prefix],
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { queryKeys } from "../../api/cache/queryKeys";
import { useLeaveWarning } from "./useLeaveWarning";

/** What a person has typed over the saved values. */
export interface Draft<T> {
  values: T;
  /** The fields that differ from the saved values. */
  changes: Partial<T>;
  isChanged: boolean;
  set: <Field extends keyof T>(field: Field, value: T[Field]) => void;
  /** Go back to the saved values. */
  undo: () => void;
}

/**
 * Keep what was typed apart from the saved values: untouched fields follow the server, and the
 * others stay as they were typed until they are saved or undone.
 *
 * @param name of the form: what was typed is still there when somebody comes back from another page. Without one it is not.
 */
export function useDraft<T extends object>(saved: T, name?: string): Draft<T> {
  const client = useQueryClient();
  const [touched, setTouched] = useState<Partial<T>>(
    () => (name === undefined ? undefined : client.getQueryData<Partial<T>>(queryKeys.draft(name))) ?? {},
  );
  useEffect(() => {
    if (name !== undefined) client.setQueryData(queryKeys.draft(name), touched);
  }, [client, name, touched]);
  const changes: Partial<T> = {};
  for (const field of Object.keys(touched) as (keyof T)[]) {
    if (!isSame(touched[field], saved[field])) changes[field] = touched[field];
  }
  const isChanged = Object.keys(changes).length > 0;
  useLeaveWarning(isChanged);
  return {
    values: { ...saved, ...touched },
    changes,
    isChanged,
    set: (field, value) => {
      setTouched((before) => ({ ...before, [field]: value }));
    },
    undo: () => {
      setTouched({});
    },
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

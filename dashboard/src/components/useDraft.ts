import { useState } from "react";

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
 */
export function useDraft<T extends object>(saved: T): Draft<T> {
  const [touched, setTouched] = useState<Partial<T>>({});
  const changes: Partial<T> = {};
  for (const field of Object.keys(touched) as (keyof T)[]) {
    if (!isSame(touched[field], saved[field])) changes[field] = touched[field];
  }
  return {
    values: { ...saved, ...touched },
    changes,
    isChanged: Object.keys(changes).length > 0,
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

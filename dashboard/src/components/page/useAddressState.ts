import { createContext, useCallback, useContext, useMemo } from "react";
import { useSearchParams } from "react-router";

/**
 * A state that the address holds, so that Back undoes its changes and a copied link has them.
 *
 * @param name of the parameter of the address.
 * @returns the value ("" without one) and the function that changes it ("" removes it). While somebody types,
 *   changes replace the last entry of the browser's history: Back then undoes the typing as a whole.
 */
export function useAddressState(name: string): [string, (value: string, isTyped?: boolean) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (value: string, isTyped = false) => {
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace: isTyped },
      );
    },
    [name, setParameters],
  );
  return [parameters.get(name) ?? "", set];
}

/** What the names of parameters begin with that are of one tile among several. */
export const AddressScope = createContext("");

/**
 * A set of names that the address holds in one parameter, as a JSON list; each tile has its own.
 *
 * @returns the set, and the function that adds a name or takes it away.
 */
export function useAddressSet(name: string): [ReadonlySet<string>, (item: string) => void] {
  const [text, setText] = useAddressState(useContext(AddressScope) + name);
  const names = useMemo(() => namesIn(text), [text]);
  const toggle = useCallback(
    (item: string) => {
      const next = new Set(names);
      if (!next.delete(item)) next.add(item);
      setText(next.size > 0 ? JSON.stringify([...next]) : "");
    },
    [names, setText],
  );
  return [names, toggle];
}

function namesIn(text: string): ReadonlySet<string> {
  try {
    const parsed: unknown = JSON.parse(text || "[]");
    return new Set(Array.isArray(parsed) ? parsed.filter((one) => typeof one === "string") : []);
  } catch {
    return new Set();
  }
}

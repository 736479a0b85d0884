import { useEffect, useEffectEvent } from "react";
import { pageKey } from "./keyboard";

/**
 * Run something on a key, unless somebody types. Of several parts of a page with the same key the first one has it.
 *
 * @param key in lower case.
 * @param run null: not now.
 */
export function useShortcut(key: string, run: (() => void) | null) {
  const isOn = run !== null;
  const onPress = useEffectEvent(() => run?.());
  useEffect(() => {
    if (!isOn) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (pageKey(event) !== key || event.repeat) return;
      // A key of the page is not also typed into the field that it opens.
      event.preventDefault();
      onPress();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [key, isOn]);
}

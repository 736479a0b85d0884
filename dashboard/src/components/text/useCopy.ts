import { useCallback, useEffect, useState, type RefObject } from "react";

export type CopyState = "idle" | "copied" | "failed";

const SHOWN_MS = 2_000;

/**
 * Copy the text of an element.
 *
 * Browsers offer the clipboard only to pages from HTTPS or from this machine; elsewhere the text is
 * selected and copied with `execCommand`, and stays selected when that fails too.
 */
export function useCopy(source: RefObject<HTMLElement | null>): [state: CopyState, copy: () => Promise<void>] {
  const [state, setState] = useState<CopyState>("idle");
  useEffect(() => {
    if (state !== "copied") return undefined;
    const timer = setTimeout(() => {
      setState("idle");
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  const copy = useCallback(async () => {
    const element = source.current;
    if (element) setState((await write(element)) ? "copied" : "failed");
  }, [source]);
  return [state, copy];
}

async function write(element: HTMLElement): Promise<boolean> {
  const { clipboard } = navigator as { clipboard?: Clipboard };
  try {
    if (!clipboard) return writeSelected(element);
    await clipboard.writeText(element.textContent);
    return true;
  } catch {
    return writeSelected(element);
  }
}

function writeSelected(element: HTMLElement): boolean {
  window.getSelection()?.selectAllChildren(element);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way on plain HTTP
  return document.execCommand("copy");
}

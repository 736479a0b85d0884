import { useEffect } from "react";

/** So many elements are remembered: those of a dialog and its menu, and what had the focus before. */
const MAX_REMEMBERED = 30;

/**
 * Give the focus back when the element that has it is gone: a row that was deleted, a dialog that has closed, a button
 * that was disabled. It goes to the last element before that is still there; else the next key would begin at the top.
 */
export function useFocusKeeper(contentId: string) {
  useEffect(() => {
    let trail: HTMLElement[] = [];
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement) || target === document.body) return;
      trail = [...trail.filter((one) => one !== target), target].slice(-MAX_REMEMBERED);
    };
    const restore = () => {
      const last = trail.at(-1);
      // Whoever clicks beside everything has left an element that is still there.
      if (last === undefined || canHaveFocus(last) || document.activeElement !== document.body) return;
      trail = trail.filter((one) => one.isConnected);
      const back = trail.filter(canHaveFocus).at(-1) ?? document.getElementById(contentId);
      back?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(restore);
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
    document.addEventListener("focusin", remember);
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", remember);
    };
  }, [contentId]);
}

function canHaveFocus(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled") && element.closest("[inert], [hidden]") === null;
}

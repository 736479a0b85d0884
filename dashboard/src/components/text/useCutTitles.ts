import { useEffect } from "react";

/** Marks the titles that are set here. */
const MARK = "data-cut";
/** So many elements around what is pointed at may hold the text. */
const MAX_LEVELS = 4;

/** Give every text that is cut for lack of room a tooltip with the whole of it, once it is pointed at. */
export function useCutTitles(): void {
  useEffect(() => {
    const show = ({ target }: Event) => {
      let one = target instanceof Element ? target : null;
      for (let level = 0; one !== null && level < MAX_LEVELS; level += 1, one = one.parentElement) {
        if (one.hasAttribute("title") && !one.hasAttribute(MARK)) return;
        if (isCut(one)) {
          one.setAttribute("title", one instanceof HTMLInputElement ? one.value : one.textContent.trim());
          one.setAttribute(MARK, "");
          return;
        }
        if (one.hasAttribute(MARK)) {
          one.removeAttribute("title");
          one.removeAttribute(MARK);
        }
      }
    };
    document.addEventListener("pointerover", show);
    return () => {
      document.removeEventListener("pointerover", show);
    };
  }, []);
}

function isCut(one: Element): boolean {
  const { overflowX, webkitLineClamp: clamp } = getComputedStyle(one);
  // Texts for screen readers are a pixel wide.
  const isLine = one instanceof HTMLInputElement || (["hidden", "clip"].includes(overflowX) && one.clientWidth > 3);
  return (isLine && one.scrollWidth > one.clientWidth + 1) || (/^\d+$/.test(clamp) && one.scrollHeight > one.clientHeight + 1);
}

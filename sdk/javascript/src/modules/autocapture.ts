/** Records clicks on buttons, links and whatever else can be clicked. Never what was entered. */
import type { Host } from "../modules.js";

const CLICKABLE = "a, button, summary, [role=button], [role=link], [role=tab], [role=menuitem], input[type=button], input[type=submit]";

export function start(host: Host): void {
  addEventListener(
    "click",
    (event) => {
      const target = event.composedPath()[0];
      const element = target instanceof Element ? target.closest(CLICKABLE) : null;
      // A page excludes what is private by this attribute.
      if (!element || element.closest("[data-tidemark-ignore]")) return;
      host.record("element_click", {
        element: element.tagName.toLowerCase(),
        element_id: element.id,
        element_name: element.getAttribute("name") ?? "",
        element_text: (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 100),
        ...(element instanceof HTMLAnchorElement && { url: element.origin + element.pathname }),
      });
    },
    { capture: true },
  );
}

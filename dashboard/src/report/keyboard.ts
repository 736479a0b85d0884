const OWN_KEYS = "input, textarea, select, [contenteditable=true], [role=menu], [role=listbox], [role=tablist], [role=radiogroup], [role=grid], [role=dialog]";

/** The key of an event that is for the page: not typed into a field or list, and without Ctrl, Alt or ⌘. "" is none. */
export function pageKey(event: KeyboardEvent): string {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return "";
  const hasOwnKeys = event.target instanceof Element && event.target.closest(OWN_KEYS) !== null;
  const isCovered = document.querySelector("[role=dialog][aria-modal=true]") !== null;
  return hasOwnKeys || isCovered ? "" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

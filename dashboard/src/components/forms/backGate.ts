type Gate = (event: PopStateEvent) => void;

let gate: Gate | null = null;

// Browsers call the listeners of the window in the order in which they were added, capturing or not: main.tsx loads
// this module before there is a router.
window.addEventListener("popstate", (event) => gate?.(event));

/** Let a function see Back and Forward before the router does; it may stop the event. Return what ends that. */
export function watchBack(watch: Gate): () => void {
  gate = watch;
  return () => {
    gate = null;
  };
}

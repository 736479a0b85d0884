/** What all frameworks share. On a server nothing happens: pages are recorded where they are shown. */
import tidemark, { type FlagValue, type Options } from "@tidemark/browser";

let isStarted = false;

/** Start the page's Tidemark, once, however often a component is mounted. */
export function startOnce(options: Options): void {
  if (isStarted || typeof document === "undefined") return;
  isStarted = true;
  tidemark.init(options);
}

/** Call the listener with a flag's value, now and on each change. Return a function that ends it. */
export function watchFlag(key: string, listener: (value: FlagValue | undefined) => void): () => void {
  let isEnded = typeof document === "undefined";
  let stop: (() => void) | undefined;
  if (!isEnded) {
    void tidemark.load("flags").then((flags) => {
      if (!flags || isEnded) return;
      const read = (): void => {
        listener(flags.value(key));
      };
      stop = flags.onChange(read);
      read();
    });
  }
  return () => {
    isEnded = true;
    stop?.();
  };
}

import { useEffect, useState } from "react";

const MAX_OUTDATED_MS = 2_000;

interface Result<Data> {
  data: Data | undefined;
  isPlaceholderData: boolean;
  error: Error | null;
}

interface ShownResult<Data> {
  /** undefined: it is on its way, or there is none. */
  shown: Data | undefined;
  /** It is of another question than the page's. */
  isOutdated: boolean;
  /** There is nothing to show, and nothing on its way: an alert stands for it. */
  hasFailed: boolean;
}

/**
 * What to show while the result of another question is on its way.
 *
 * The last result is outdated at once, to be dimmed, and gone after two seconds.
 */
export function useShownResult<Data>({ data, isPlaceholderData, error }: Result<Data>): ShownResult<Data> {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!isPlaceholderData) return undefined;
    const timer = setTimeout(() => {
      setOver(true);
    }, MAX_OUTDATED_MS);
    return () => {
      clearTimeout(timer);
      setOver(false);
    };
  }, [isPlaceholderData]);
  const shown = isPlaceholderData && isOver ? undefined : data;
  return { shown, isOutdated: isPlaceholderData, hasFailed: shown === undefined && error !== null };
}

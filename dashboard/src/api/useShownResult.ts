import { useEffect, useState } from "react";

const MAX_OUTDATED_MS = 2_000;

interface Result<Data> {
  data: Data | undefined;
  isPlaceholderData: boolean;
}

/**
 * What to show while the result of another question is on its way.
 *
 * The last result is outdated at once, to be dimmed, and gone after two seconds.
 */
export function useShownResult<Data>({ data, isPlaceholderData }: Result<Data>): { shown: Data | undefined; isOutdated: boolean } {
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
  return { shown: isPlaceholderData && isOver ? undefined : data, isOutdated: isPlaceholderData };
}

import { useEffect, useState } from "react";
import { dayIn } from "../../format/time";

/** The day of now in a zone, as an ISO date. */
export function useToday(zone: string): string {
  const [now, setNow] = useState(() => Date.now());
  const today = dayIn(zone, new Date(now));
  useEffect(() => {
    const timer = setInterval(() => {
      // Of the same day the time stays, so that nothing is drawn again.
      setNow((before) => (dayIn(zone, new Date(before)) === dayIn(zone, new Date()) ? before : Date.now()));
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [zone]);
  return today;
}

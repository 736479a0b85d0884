import { useEffect, useState } from "react";
import { longestWait } from "../api/pendingRequests";
import { t } from "../texts";
import { Banner } from "./Banner";

/** After this the page says that the server does not answer. Most answers take less than a second. */
const SLOW_MS = 8_000;
const LOOK_MS = 1_000;

/** Says that the server has not answered for some time, until it has. */
export function SlowServerBanner() {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => {
      setSlow(longestWait() >= SLOW_MS);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return isSlow ? <Banner>{t.errors.slowServer(SLOW_MS / 1_000)}</Banner> : null;
}

import { useLocation } from "react-router";
import { MAX_USUAL_SECONDS, useStoring } from "../api/operations/health";
import { brokenText } from "../features/brokenParts";
import { duration } from "../format/duration";
import { Banner } from "../notices/Banner";
import { t } from "../texts";

/** Home and Live say it in their own line. */
const SAY_IT_THEMSELVES = /^\/p\/\d+(\/live)?\/?$/;

/** Says that received events wait to be stored, so that the page's figures lack them, or which part does not work. */
export function BehindBanner() {
  const isWanted = !SAY_IT_THEMSELVES.test(useLocation().pathname);
  const { secondsBehind, broken } = useStoring(isWanted);
  if (!isWanted) return null;
  const isBehind = secondsBehind > MAX_USUAL_SECONDS;
  if (!isBehind && broken.length === 0) return null;
  return <Banner>{isBehind ? t.home.behind(duration(Math.round(secondsBehind))) : brokenText(broken)}</Banner>;
}

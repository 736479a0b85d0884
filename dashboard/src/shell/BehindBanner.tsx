import { useLocation } from "react-router";
import { MAX_USUAL_SECONDS, useStoring } from "../api/health";
import { duration } from "../format/duration";
import { t } from "../texts";
import { useOpenProject } from "./Navigation";
import classes from "./Shell.module.css";

/** Home and Live say it in their own line. */
const SAY_IT_THEMSELVES = /^\/p\/\d+(\/live)?\/?$/;

/** Says that received events wait to be stored, so that the page's figures lack them. */
export function BehindBanner() {
  const { pathname } = useLocation();
  const isWanted = useOpenProject() !== null && !SAY_IT_THEMSELVES.test(pathname);
  const { secondsBehind, isWorking } = useStoring(isWanted);
  if (!isWanted) return null;
  const isBehind = secondsBehind > MAX_USUAL_SECONDS;
  if (!isBehind && isWorking) return null;
  return (
    <div className={classes.offline} role="status">
      {isBehind ? t.home.behind(duration(Math.round(secondsBehind))) : t.home.broken([t.shell.processor])}
    </div>
  );
}

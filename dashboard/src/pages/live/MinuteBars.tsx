import type { Live } from "../../api/reports/home";
import { clockTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./LivePage.module.css";

/** The users of each of the last minutes. */
export function MinuteBars({ minutes, zone }: { minutes: Live["minutes"]; zone: string }) {
  const most = Math.max(1, ...minutes.map(({ users }) => users));
  return (
    <div role="img" aria-label={t.live.minutesOf(minutes.map(({ users }) => users))}>
      <div className={classes.bars}>
        {minutes.map(({ start, users }) => (
          <span
            key={start}
            className={classes.bar}
            data-empty={users === 0}
            style={{ height: `${(users / most) * 100}%` }}
            title={t.live.minute(clockTime(start, zone).slice(0, 5), users)}
          />
        ))}
      </div>
      <div className={classes.axis} aria-hidden="true">
        <span>{t.live.minutesAgo(minutes.length)}</span>
        <span>{t.time.now}</span>
      </div>
    </div>
  );
}

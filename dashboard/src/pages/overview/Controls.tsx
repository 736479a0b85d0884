import { ActionIcon, SegmentedControl, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { Period } from "../../api/client";
import { useStoringDelay } from "../../api/health";
import { t } from "../../texts";
import classes from "./OverviewPage.module.css";
import { PERIODS, type OverviewPeriod } from "./periods";
import { useNow } from "./useNow";

/** Events are usually stored within a second or two. */
const MAX_USUAL_DELAY_SECONDS = 3;

interface ControlsProps {
  period: OverviewPeriod;
  onPeriod: (period: Period) => void;
  isLive: boolean;
  onLive: (isLive: boolean) => void;
  /** When the figures were received, in milliseconds since 1970; 0 before that. */
  updatedAt: number;
}

/** The choice of the period, and the switch of live updates. */
export function Controls({ period, onPeriod, isLive, onLive, updatedAt }: ControlsProps) {
  const label = isLive ? t.overview.pause : t.overview.resume;
  return (
    <div className={classes.controls}>
      <span className={classes.live}>
        <span className={classes.dot} data-live={isLive} />
        <UpdatedAgo at={updatedAt} isLive={isLive} />
        <Tooltip label={label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={label}
            onClick={() => {
              onLive(!isLive);
            }}
          >
            {isLive ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          </ActionIcon>
        </Tooltip>
      </span>
      <SegmentedControl
        aria-label={t.overview.period}
        size="xs"
        data={PERIODS.map((value) => ({ value, label: t.overview.periods[value].label }))}
        value={period}
        onChange={onPeriod}
      />
    </div>
  );
}

/** "updated 3 s ago", counting; while events wait to be stored, how far the figures are behind. */
function UpdatedAgo({ at, isLive }: { at: number; isLive: boolean }) {
  const now = useNow();
  const delay = Math.round(useStoringDelay());
  if (delay > MAX_USUAL_DELAY_SECONDS) return <strong>{t.overview.behind(duration(delay))}</strong>;
  if (at === 0) return <span>{t.common.loading}</span>;
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  const ago = duration(seconds);
  return <span>{isLive ? t.overview.updated(ago) : t.overview.pausedUpdated(ago)}</span>;
}

function duration(seconds: number): string {
  return seconds < 120 ? t.time.seconds(seconds) : t.time.minutes(Math.floor(seconds / 60));
}

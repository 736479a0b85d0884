import { ActionIcon, SegmentedControl, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { Period } from "../../api/client";
import classes from "./OverviewPage.module.css";
import { PERIODS } from "./periods";
import { useNow } from "./useNow";

interface ControlsProps {
  period: Period;
  onPeriod: (period: Period) => void;
  live: boolean;
  onLive: (live: boolean) => void;
  /** When the figures came, in milliseconds since 1970; 0 before that. */
  updatedAt: number;
}

/** Which period, and whether it keeps itself fresh. */
export function Controls({ period, onPeriod, live, onLive, updatedAt }: ControlsProps) {
  const label = live ? "Pause updates" : "Go on updating";
  return (
    <div className={classes.controls}>
      <span className={classes.live}>
        <span className={classes.dot} data-live={live} />
        <Updated at={updatedAt} live={live} />
        <Tooltip label={label}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={label}
            onClick={() => {
              onLive(!live);
            }}
          >
            {live ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          </ActionIcon>
        </Tooltip>
      </span>
      <SegmentedControl
        aria-label="Period"
        size="xs"
        data={PERIODS.map(({ value, label: name }) => ({ value, label: name }))}
        value={period}
        onChange={onPeriod}
      />
    </div>
  );
}

/** "updated 3 s ago", counting. */
function Updated({ at, live }: { at: number; live: boolean }) {
  const now = useNow();
  if (at === 0) return <span>loading</span>;
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  const ago = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
  return (
    <span>
      {live ? "" : "paused, "}updated {ago} ago
    </span>
  );
}

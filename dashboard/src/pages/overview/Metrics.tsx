import { Skeleton, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import type { Overview } from "../../api/client";
import { MetricValue } from "../../components/MetricValue";
import { exactNumber, signedPercent } from "../../format/numbers";
import classes from "./Metrics.module.css";

const METRICS = [
  ["total_events", "Total events"],
  ["unique_users", "Unique users"],
  ["unique_sessions", "Sessions"],
  ["page_views", "Page views"],
] as const;

interface MetricsProps {
  overview: Overview | undefined;
  /** What the figures are compared with, in words. */
  before: string;
}

/** The main figures, side by side. */
export function Metrics({ overview, before }: MetricsProps) {
  return (
    <div className={classes.metrics}>
      {METRICS.map(([key, label]) => (
        <section key={key} className={classes.metric} aria-label={label}>
          <div className={classes.label}>{label}</div>
          {overview ? (
            <>
              <div className={classes.value}>
                <MetricValue value={overview[key]} />
              </div>
              <Change percent={overview.change[key]} previous={overview.previous[key]} before={before} />
            </>
          ) : (
            <Skeleton height={50} w={96} mt={4} />
          )}
        </section>
      ))}
    </div>
  );
}

interface ChangeProps {
  /** Null when there was nothing to grow from. */
  percent: number | null;
  previous: number;
  before: string;
}

function Change({ percent, previous, before }: ChangeProps) {
  if (percent === null) return <div className={classes.change}>none in {before}</div>;
  const Arrow = percent < 0 ? IconArrowDownRight : IconArrowUpRight;
  const exact = `${exactNumber(previous)} in ${before}`;
  return (
    <Tooltip label={exact}>
      <div className={classes.change} data-direction={percent > 0 ? "up" : percent < 0 ? "down" : "level"}>
        {percent === 0 ? null : <Arrow size={15} aria-hidden="true" />}
        <span>{percent === 0 ? "unchanged" : signedPercent(percent)}</span>
        <VisuallyHidden>, {exact}</VisuallyHidden>
      </div>
    </Tooltip>
  );
}

import { Skeleton, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import type { Overview } from "../../api/client";
import { MetricValue } from "../../components/MetricValue";
import { exactNumber, signedPercent } from "../../format/numbers";
import { t } from "../../texts";
import classes from "./Metrics.module.css";

const METRICS = ["total_events", "unique_users", "unique_sessions", "page_views"] as const satisfies readonly (keyof Overview)[];

interface MetricsProps {
  overview: Overview | undefined;
  /** What the figures are compared with, in words. */
  previousPeriod: string;
}

/** The main metrics, side by side. */
export function Metrics({ overview, previousPeriod }: MetricsProps) {
  return (
    <div className={classes.metrics}>
      {METRICS.map((metric) => (
        <section key={metric} className={classes.metric} aria-label={t.overview.metrics[metric]}>
          <div className={classes.label}>{t.overview.metrics[metric]}</div>
          {overview ? (
            <>
              <div className={classes.value}>
                <MetricValue value={overview[metric]} />
              </div>
              <Change percent={overview.change[metric]} previous={overview.previous[metric]} previousPeriod={previousPeriod} />
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
  /** null: there was nothing in the previous period. */
  percent: number | null;
  previous: number;
  previousPeriod: string;
}

function Change({ percent, previous, previousPeriod }: ChangeProps) {
  if (percent === null) return <div className={classes.change}>{t.overview.noPrevious(previousPeriod)}</div>;
  const Arrow = percent < 0 ? IconArrowDownRight : IconArrowUpRight;
  const exact = t.overview.previous(exactNumber(previous), previousPeriod);
  return (
    <Tooltip label={exact}>
      <div className={classes.change} data-direction={percent > 0 ? "up" : percent < 0 ? "down" : "level"}>
        {percent === 0 ? null : <Arrow size={15} aria-hidden="true" />}
        <span>{percent === 0 ? t.overview.unchanged : signedPercent(percent)}</span>
        <VisuallyHidden>, {exact}</VisuallyHidden>
      </div>
    </Tooltip>
  );
}

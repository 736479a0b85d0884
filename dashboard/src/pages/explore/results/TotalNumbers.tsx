import type { ReactNode } from "react";
import type { TrendsResult } from "../../../api/insights/insights";
import type { TimeSeries } from "../../../charts/timeSeries";
import { MetricValue } from "../../../components/figures/MetricValue";
import { signedPercent } from "../../../format/numbers";
import type { Compare } from "../../../report/reportState";
import { t } from "../../../texts";
import { percentChange } from "./seriesRows";
import classes from "./Totals.module.css";

interface TotalsProps {
  data: TimeSeries;
  result: TrendsResult;
  hidden: ReadonlySet<string>;
  /** Wraps the total of a series into a `Door`. */
  door: (index: number, text: ReactNode) => ReactNode;
  compare: Compare;
}

/** The total of each series in large figures, with its change since the dates that are compared with. */
export function TotalNumbers({ data, result: { series, previous }, hidden, compare, door }: TotalsProps) {
  return (
    <ul className={classes.numbers} aria-label={t.explore.totals}>
      {series.map(({ total }, index) => {
        const line = data.lines[index];
        if (!line || hidden.has(line.id)) return null;
        const change = previous ? percentChange(total, previous[index]?.total ?? null) : null;
        return (
          <li key={line.id} className={classes.number}>
            <div className={classes.large}>{total === null ? t.common.none : door(index, <MetricValue value={total} />)}</div>
            <div className={classes.numberName} title={line.label}>
              {line.label}
            </div>
            {change === null ? null : (
              <div className={classes.change} data-direction={change > 0 ? "up" : change < 0 ? "down" : "none"}>
                {t.explore.sincePrevious(`${change > 0 ? "↑ " : change < 0 ? "↓ " : ""}${signedPercent(change)}`, compare)}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

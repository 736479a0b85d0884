import type { ReactNode } from "react";
import type { TrendsResult } from "../../../api/insights/insights";
import { lineStyle } from "../../../charts/lineStyle";
import type { TimeSeries } from "../../../charts/timeSeries";
import { useColours } from "../../../charts/useColours";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { t } from "../../../texts";
import classes from "./Totals.module.css";
import { canAddUp, canShare } from "./trendView";

interface TotalsProps {
  data: TimeSeries;
  result: TrendsResult;
  hidden: ReadonlySet<string>;
  /** Wraps the total of a series into a `Door`. */
  door: (index: number, text: ReactNode) => ReactNode;
}

/** The total of each series as a bar, with its share where totals can be added up. */
export function TotalBars({ data, result, hidden, door }: TotalsProps) {
  const colours = useColours();
  const rows = result.series
    .map(({ total }, index) => ({ line: data.lines[index], total: total ?? 0, index }))
    .flatMap(({ line, ...row }) => (line && !hidden.has(line.id) ? [{ line, ...row }] : []));
  const highest = Math.max(1, ...rows.map(({ total }) => total));
  const sum = rows.reduce((all, { total }) => all + total, 0);
  const hasShares = canAddUp(result.series) && canShare(data) && sum > 0;
  if (rows.length === 0) return <p className={classes.empty}>{t.insights.noEvents}</p>;
  return (
    <ul className={classes.bars} aria-label={t.explore.totals}>
      {rows.map(({ line, total, index }) => (
        <li key={line.id} className={classes.bar}>
          <span
            className={classes.fill}
            style={{ width: `${(Math.max(0, total) / highest) * 100}%`, background: lineStyle(colours, line, index).colour }}
            aria-hidden="true"
          />
          <span className={classes.barName} title={line.label}>
            {line.label}
          </span>
          <span className={classes.value}>{door(index, exactNumber(total))}</span>
          {hasShares ? <span className={classes.share}>{sharePercent(total / sum)}</span> : null}
        </li>
      ))}
    </ul>
  );
}

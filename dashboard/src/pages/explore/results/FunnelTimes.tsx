import { useCallback, useMemo } from "react";
import type { FunnelResult } from "../../../api/insights/insights";
import { ColumnChart } from "../../../charts/ColumnChart";
import { duration } from "../../../format/duration";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { t } from "../../../texts";
import classes from "../ExplorePage.module.css";

/** How long users took from the first to the last step. */
export function FunnelTimes({ times }: { times: FunnelResult["times"] }) {
  const names = useMemo(() => times.map(({ from_seconds: from, to_seconds: to }) => (to === null ? t.explore.atLeastTime(duration(from)) : t.explore.timeRange(duration(from), duration(to)))), [times]);
  const series = useMemo(() => [{ label: t.insights.funnelColumns.users, values: times.map(({ persons }) => persons) }], [times]);
  const tooltip = useCallback(
    (index: number) => {
      const persons = times[index]?.persons ?? 0;
      const total = times.reduce((sum, one) => sum + one.persons, 0);
      return { title: names[index] ?? "", rows: [{ label: t.insights.funnelColumns.users, value: t.insights.usersAndShare(persons, sharePercent(total === 0 ? 0 : persons / total)) }] };
    },
    [times, names],
  );
  if (times.length === 0) return <div className={classes.hint}>{t.explore.nobodyCompleted}</div>;
  return (
    <ColumnChart
      names={names}
      series={series}
      above={exactNumber}
      tooltip={tooltip}
      label={t.charts.summary(t.explore.funnelCharts.time, times.map(({ persons }, index) => `${names[index] ?? ""} ${exactNumber(persons)}`).join(", "))}
    />
  );
}

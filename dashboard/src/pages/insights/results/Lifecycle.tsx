import { useCallback, useMemo } from "react";
import type { LifecycleAnswer } from "../../../api/insights";
import { ColourKey } from "../../../charts/ColourKey";
import { ColumnChart } from "../../../charts/ColumnChart";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";
import { axisLabel, intervalName } from "../../../format/time";

const WORDS: Record<string, string> = {
  new: "New",
  returning: "Here again",
  resurrecting: "Back after a pause",
  dormant: "Stayed away",
};

/** Who came, by whether they had come before; below the line who no longer came. */
export function Lifecycle({ answer, at }: { answer: LifecycleAnswer; at: number }) {
  const { interval, timezone } = answer;
  const dates = useMemo(
    () => (answer.series[0]?.dates ?? []).filter((date) => new Date(date).getTime() <= at),
    [answer, at],
  );
  const names = useMemo(() => dates.map((date) => axisLabel(date, interval, timezone)), [dates, interval, timezone]);
  const series = useMemo(
    () => answer.series.map(({ label, values }) => ({ label: WORDS[label] ?? label, values: values.slice(0, dates.length) })),
    [answer, dates],
  );
  const tooltip = useCallback(
    (place: number) => ({
      title: intervalName(dates[place] ?? "", interval, timezone),
      rows: series.map(({ label, values }) => ({ label, value: exactNumber(Math.abs(values[place] ?? 0)) })),
    }),
    [dates, series, interval, timezone],
  );
  return (
    <ChartPanel
      title="Lifecycle"
      chart={
        <>
          <ColourKey labels={series.map(({ label }) => label)} />
          <ColumnChart
            names={names}
            series={series}
            stacked
            tooltip={tooltip}
            label={series.map(({ label, values }) => `${label}: ${exactNumber(Math.abs(values.reduce((sum, one) => sum + one, 0)))}`).join(", ")}
          />
        </>
      }
      table={() => (
        <DataTable
          caption={`Persons by ${interval}, times in ${timezone}`}
          columns={["Begins", ...series.map(({ label }) => label)]}
          rows={dates
            .map((date, place) => ({
              key: date,
              cells: [intervalName(date, interval, timezone), ...series.map(({ values }) => exactNumber(Math.abs(values[place] ?? 0)))],
            }))
            .reverse()}
        />
      )}
    />
  );
}

import { useCallback, useMemo } from "react";
import type { StickinessAnswer } from "../../../api/insights";
import { ColourKey } from "../../../charts/ColourKey";
import { ColumnChart } from "../../../charts/ColumnChart";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";

/** How many persons were active in just so many days (weeks, months) of the range. */
export function Stickiness({ answer }: { answer: StickinessAnswer }) {
  const { series, interval } = answer;
  const most = useMemo(
    () => Math.max(1, ...series.map(({ values }) => values.reduce((last, persons, at) => (persons > 0 ? at + 1 : last), 0))),
    [series],
  );
  const names = useMemo(() => Array.from({ length: most }, (_, place) => String(place + 1)), [most]);
  const columns = useMemo(
    () => series.map(({ label, values }) => ({ label, values: values.slice(0, most) })),
    [series, most],
  );
  const count = useCallback((place: number) => `${place + 1} ${interval}${place === 0 ? "" : "s"}`, [interval]);
  const tooltip = useCallback(
    (place: number) => ({
      title: `Active on ${count(place)}`,
      rows: series.flatMap(({ label, values, at_least: atLeast }) => [
        { label, value: exactNumber(values[place] ?? 0) },
        { label: `${label}, at least so many`, value: exactNumber(atLeast[place] ?? 0) },
      ]),
    }),
    [series, count],
  );
  return (
    <ChartPanel
      title={`Persons by number of active ${interval}s`}
      chart={
        <>
          {series.length > 1 ? <ColourKey labels={series.map(({ label }) => label)} /> : null}
          <ColumnChart
            names={names}
            series={columns}
            tooltip={tooltip}
            label={series
              .map(({ label, values }) => `${label}: ${values.slice(0, most).map((persons, at) => `${exactNumber(persons)} on ${count(at)}`).join(", ")}`)
              .join("; ")}
          />
        </>
      }
      table={() => (
        <DataTable
          caption={`Persons by number of active ${interval}s`}
          columns={["Active on", ...series.flatMap(({ label }) => [label, `${label}, at least`])]}
          rows={names.map((name, place) => ({
            key: name,
            cells: [
              count(place),
              ...series.flatMap(({ values, at_least: atLeast }) => [exactNumber(values[place] ?? 0), exactNumber(atLeast[place] ?? 0)]),
            ],
          }))}
        />
      )}
    />
  );
}

import { useMemo } from "react";
import type { BreakdownResult } from "../../../api/insights";
import { BarList } from "../../../charts/BarList";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber, sharePercent } from "../../../format/numbers";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";
import classes from "../ExplorePage.module.css";

/** The most frequent values of a property, with the events and persons of each. */
export function Breakdown({ result }: { result: BreakdownResult }) {
  const bars = useMemo(
    () => result.items.map(({ value, events, share }) => ({ label: valueName(value), value: events, share })),
    [result],
  );
  const title = t.insights.eventsBy(result.property);
  return (
    <>
      <ChartPanel
        title={title}
        chart={
          bars.length > 0 ? (
            <BarList bars={bars} valueName={t.insights.metrics.count} label={title} />
          ) : (
            <div className={classes.hint}>{t.insights.noEvents}</div>
          )
        }
        table={() => <ValuesTable result={result} />}
      />
      {result.has_more ? <p style={{ margin: 0, fontSize: 12 }}>{t.insights.topValues(result.items.length)}</p> : null}
    </>
  );
}

function ValuesTable({ result }: { result: BreakdownResult }) {
  const { value: valueColumn, events: eventsColumn, share: shareColumn, users } = t.insights.breakdownColumns;
  return (
    <DataTable
      caption={t.insights.eventsOfUsers(result.total_events, result.total_persons)}
      columns={[valueColumn, eventsColumn, shareColumn, users]}
      rows={result.items.map(({ value, events, share, persons }) => ({
        key: JSON.stringify(value),
        cells: [valueName(value), exactNumber(events), sharePercent(share), exactNumber(persons)],
      }))}
    />
  );
}

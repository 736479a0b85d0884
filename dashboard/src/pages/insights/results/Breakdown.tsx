import { useMemo } from "react";
import type { BreakdownAnswer } from "../../../api/insights";
import { BarList } from "../../../charts/BarList";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber, sharePercent } from "../../../format/numbers";
import classes from "../InsightsPage.module.css";

/** The most frequent values of a property, with the events and persons of each. */
export function Breakdown({ answer }: { answer: BreakdownAnswer }) {
  const bars = useMemo(
    () => answer.items.map(({ value, events, share }) => ({ event_name: value, count: events, share })),
    [answer],
  );
  return (
    <>
      <ChartPanel
        title={`Events by ${answer.property}`}
        chart={
          bars.length > 0 ? (
            <BarList items={bars} label={`Events by ${answer.property}`} />
          ) : (
            <div className={classes.hint}>No events in this range</div>
          )
        }
        table={() => <Values answer={answer} />}
      />
      {answer.has_more ? <p style={{ margin: 0, fontSize: 12 }}>There are more values; these are the most frequent.</p> : null}
    </>
  );
}

function Values({ answer }: { answer: BreakdownAnswer }) {
  return (
    <DataTable
      caption={`${exactNumber(answer.total_events)} events of ${exactNumber(answer.total_persons)} persons`}
      columns={["Value", "Events", "Share", "Persons"]}
      rows={answer.items.map(({ value, events, share, persons }) => ({
        key: value,
        cells: [value, exactNumber(events), sharePercent(share), exactNumber(persons)],
      }))}
    />
  );
}

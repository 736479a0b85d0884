import { useMemo } from "react";
import type { PathsAnswer } from "../../../api/insights";
import { SankeyChart } from "../../../charts/SankeyChart";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";
import classes from "../InsightsPage.module.css";

/** From what people go on to what, step by step: the broader the stream, the more often. */
export function Paths({ answer }: { answer: PathsAnswer }) {
  const streams = useMemo(
    () => answer.edges.map(({ step, source, target, count }) => ({ step, from: source, to: target, count })),
    [answer],
  );
  const what = answer.by === "page" ? "page" : "event";
  return (
    <ChartPanel
      title={`${exactNumber(answer.visits)} ${answer.visits === 1 ? "visit" : "visits"}`}
      chart={
        streams.length > 0 ? (
          <SankeyChart streams={streams} label={`The most frequent ways from ${what} to ${what}; the table has them all`} />
        ) : (
          <div className={classes.hint}>Nobody went from one {what} to another in this range</div>
        )
      }
      table={() => (
        <DataTable
          caption="The most frequent ways"
          columns={["From, to", "Step", "Times", "Persons"]}
          rows={answer.edges.map(({ step, source, target, count, persons }, place) => ({
            key: String(place),
            cells: [`${source} → ${target}`, String(step), exactNumber(count), exactNumber(persons)],
          }))}
        />
      )}
    />
  );
}

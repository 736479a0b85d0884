import { useMemo } from "react";
import type { PathsResult } from "../../../api/insights";
import { SankeyChart } from "../../../charts/SankeyChart";
import { ChartPanel } from "../../../components/ChartPanel";
import { DataTable } from "../../../components/DataTable";
import { exactNumber } from "../../../format/numbers";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";
import classes from "../ExplorePage.module.css";

/** Which event or page led to which, step by step: the wider the link, the more often. */
export function Paths({ result }: { result: PathsResult }) {
  const links = useMemo(
    () => result.edges.map(({ step, source, target, count }) => ({ step, from: nodeName(source), to: nodeName(target), count })),
    [result],
  );
  const { fromTo, step: stepColumn, times, users } = t.insights.pathsColumns;
  return (
    <ChartPanel
      title={t.insights.visits(result.visits)}
      chart={
        links.length > 0 ? (
          <SankeyChart links={links} label={t.insights.pathsSummary[result.by]} />
        ) : (
          <div className={classes.hint}>{t.insights.noPaths[result.by]}</div>
        )
      }
      table={() => (
        <DataTable
          caption={t.insights.pathsCaption}
          columns={[fromTo, stepColumn, times, users]}
          rows={result.edges.map(({ step, source, target, count, persons }, index) => ({
            key: String(index),
            cells: [t.insights.fromTo(nodeName(source), nodeName(target)), String(step), exactNumber(count), exactNumber(persons)],
          }))}
        />
      )}
    />
  );
}

/** Name an event or a page; null: one beyond the most frequent. */
function nodeName(node: string | null): string {
  return valueName(node, node === null);
}

import type { ReactNode } from "react";
import type { WebValue, WebValues } from "../../api/reports/web";
import type { DetailColumn } from "../../components/tables/DetailTable";
import { exactNumber, sharePercent, signedPercent } from "../../format/numbers";
import { exactValue, type Unit } from "../../format/units";
import { t } from "../../texts";

/** A column of the details, and how it stands in a file. */
export interface WebColumn extends DetailColumn<WebValue> {
  raw: (row: WebValue) => number | null;
}

/**
 * The columns that a list has: not of every list are visits and their durations known.
 *
 * @param door wraps the visitors of a row, for example into a `Door`.
 */
export function columnsOf(list: WebValues, hasGoal: boolean, door: (row: WebValue, text: string) => ReactNode = (_row, text) => text): WebColumn[] {
  const ofVisits = list.items.some(({ visits }) => visits !== null);
  return [
    { ...count(t.web.metrics.visitors.name, (row) => row.visitors), cell: (row) => door(row, exactNumber(row.visitors)), sort: "visitors" },
    { label: t.web.share, raw: (row) => row.share, cell: (row) => sharePercent(row.share) },
    ...(ofVisits
      ? [
          { ...count(t.web.metrics.visits.name, (row) => row.visits), sort: "visits" },
          { ...count(t.web.metrics.page_views.name, (row) => row.page_views), sort: "page_views" },
          { ...measure(t.web.metrics.bounce_rate.name, (row) => row.bounce_rate, "share"), sort: "bounce_rate" },
          { ...measure(t.web.metrics.visit_seconds.name, (row) => row.visit_seconds, "seconds"), sort: "visit_seconds" },
        ]
      : [{ ...count(list.dimension === "page" ? t.web.metrics.page_views.name : t.web.events, (row) => row.events), sort: "events" }]),
    ...(hasGoal
      ? [
          { ...count(t.web.conversions, (row) => row.conversions), sort: "conversions" },
          { ...measure(t.web.conversionRate, (row) => row.conversion_rate, "share"), sort: "conversion_rate" },
        ]
      : []),
    { label: t.web.change, raw: (row) => row.change, cell: (row) => (row.change === null ? t.common.none : signedPercent(row.change)) },
  ];
}

function count(label: string, raw: WebColumn["raw"]): WebColumn {
  return { label, raw, cell: (row) => text(raw(row), exactNumber) };
}

function measure(label: string, raw: WebColumn["raw"], unit: Unit): WebColumn {
  return { label, raw, cell: (row) => text(raw(row), (value) => exactValue(value, unit)) };
}

function text(value: number | null, format: (value: number) => string): string {
  return value === null ? t.common.none : format(value);
}

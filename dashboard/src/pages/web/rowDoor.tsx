import type { ReactNode } from "react";
import type { FigureQuestion } from "../../api/figures";
import type { WebDimension, WebValues } from "../../api/web";
import { Door } from "../../components/Door";
import type { RankRow } from "../../components/RankList";
import { PAGE_EVENTS, SESSION_COLUMNS } from "../../constants.gen";
import { useReport, type Report } from "../../report/useReport";
import { t } from "../../texts";

type RowDoor = ((row: RankRow, text: string) => ReactNode) | undefined;

/** What wraps the count of a row, so that it leads to the row's visitors; undefined where no insight has just these. */
export function useRowDoor(dimension: WebDimension): (list: WebValues) => RowDoor {
  const report = useReport();
  return (list) => {
    if (list.scope === null || report.filters.length > 0 || report.segments.ids.length > 0) return undefined;
    return (row, text) => (
      <Door figure={t.web.doorOf(row.label)} question={questionOf(report, dimension, list, row.value)}>
        {text}
      </Door>
    );
  };
}

function questionOf(report: Report, dimension: WebDimension, { property, scope, items }: WebValues, value: string | null): FigureQuestion {
  const test = value === null ? { operator: "is_not_set" } : { operator: "is", value: [value] };
  const isOfVisits = items.some(({ visits }) => visits !== null);
  if (isOfVisits) {
    const of = scope === "session" || (SESSION_COLUMNS as readonly string[]).includes(property) ? "session" : "event";
    return { kind: "sessions", query: { ...report.range, filters: { and: [{ property, scope: of, ...test }] } } };
  }
  const isView = dimension === "page" ? [{ property: "event_name", operator: "is", value: PAGE_EVENTS }] : [];
  const filters = { and: [{ property, ...test }, ...isView] };
  return { kind: "trends", query: { ...report.range, series: [{ event: null, metric: "unique_persons" }], filters } };
}

import { EmptyState } from "../../../components/states/EmptyState";
import { conditionName } from "../../../report/conditionName";
import type { Filters } from "../../../report/filters";
import { useReport } from "../../../report/useReport";
import { t } from "../../../texts";
import type { EventSelector, InsightQuery } from "../query/insightQuery";
import { eventText } from "../query/sentence";

/** What stands in the place of a result of nobody: it names the events and the filters that leave nobody. */
export function NoResult({ title, query }: { title: string; query: InsightQuery }) {
  const report = useReport();
  const isOfTheBar = report.filters.length > 0 || report.segments.ids.length > 0;
  // The bar's filters are named by the empty state itself; a tile has filters of its own beside them.
  const own = isOfTheBar ? [] : conditionsOf(query.filters);
  const named = [...own, ...selectorsOf(query).flatMap(ownFilters)];
  return <EmptyState title={title} note={named.length > 0 ? t.states.filteredBy(named) : t.explore.tryLongerRange} isFiltered />;
}

/** Says that nobody did any of the events. */
export function nobodyDid(selectors: readonly EventSelector[]): string {
  return t.explore.nobodyDid(selectors.some(({ event }) => event === null) ? [] : selectors.map(eventText));
}

/** The filters of an event: "signup: country is DE". */
export function ownFilters(selector: EventSelector): string[] {
  return conditionsOf(selector.filters).map((one) => t.explore.filterOfEvent(eventText(selector), one));
}

function conditionsOf({ conditions, foreign }: Filters): string[] {
  return [...conditions.map(conditionName), ...(foreign === null ? [] : [t.explore.ownFilter])];
}

/** The events that a query counts. */
function selectorsOf(query: InsightQuery): readonly EventSelector[] {
  switch (query.kind) {
    case "trends":
    case "stickiness":
      return query.series;
    case "funnel":
      return query.steps;
    case "retention":
      return [query.target, query.returning];
    case "lifecycle":
      return [query.event];
    case "paths":
      return [];
  }
}

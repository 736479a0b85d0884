import { t } from "../../../texts";
import { chosenSteps, needsProperty, seriesLetter, type EventSelector, type InsightQuery, type MetricSelector } from "./insightQuery";

/** A query in one line: what a folded builder shows, and the name that is suggested for an insight. */
export function sentence(query: InsightQuery): string {
  const texts = t.explore.sentence;
  switch (query.kind) {
    case "trends":
      return texts.by(query.formula || query.series.map(seriesText).join(", "), query.breakdown);
    case "funnel": {
      const steps = chosenSteps(query).map(eventText);
      return texts.by(steps.length > 0 ? steps.join(" → ") : t.insights.kinds.funnel.name, query.breakdown);
    }
    case "retention":
      return texts.retention(eventText(query.target), eventText(query.returning));
    case "stickiness":
      return texts.stickiness(query.series.map(eventText).join(", "));
    case "lifecycle":
      return texts.lifecycle(eventText(query.event));
    case "paths": {
      if (query.end !== null) return texts.pathsTo(query.end || t.explore.chooseEvent);
      return query.start === null ? texts.paths[query.by] : texts.pathsFrom(query.start);
    }
  }
}

/** Name a selector of events: by its own label, else by its event. */
export function eventText({ event, rest }: EventSelector): string {
  const label = rest["label"];
  return typeof label === "string" && label !== "" ? label : (event ?? t.insights.anyEvent);
}

function seriesText(selector: MetricSelector, index: number): string {
  const { metric, property } = selector;
  const name = selector.event === "" ? seriesLetter(index) : eventText(selector);
  return t.explore.seriesName(name, t.insights.metricNames[metric], needsProperty(metric) ? property : null, null, null);
}

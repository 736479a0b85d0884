import type { Watch } from "../../api/alerts/alerts";
import type { SavedInsight } from "../../api/requests/client";
import { exactPercent } from "../../format/numbers";
import { exactValue, type Unit } from "../../format/units";
import { t } from "../../texts";

type Kind = Watch["kind"];
type Measure = Watch["measure"];
/** A part of the form: which of an insight's figures is meant. */
export type WatchField = "series" | "step" | "offset" | "returnDay" | "rows" | "source" | "target" | "node" | "pathStep" | "atLeast" | "currency" | "item";

interface WatchChoice {
  kind: Kind;
  measures: readonly Measure[];
  fields: readonly WatchField[];
  /** The windows that can be chosen, in minutes; empty: the figure has a window of its own. Default: all of an alert. */
  windows?: readonly number[];
}

/** Windows that can be chosen, in minutes. */
export const WINDOWS = [5, 15, 30, 60, 120, 360, 1_440, 10_080] as const;
const WHOLE_INTERVALS = [60, 1_440, 10_080];
const DAYS = [1_440, 10_080, 20_160, 40_320];

/** What can be watched of each kind of insight; the first one is chosen first. */
export const WATCHES: Record<SavedInsight["kind"], readonly WatchChoice[]> = {
  trends: [{ kind: "series", measures: ["total"], fields: ["series", "rows"] }],
  funnel: [{ kind: "step", measures: ["conversion", "from_previous"], fields: ["step"] }],
  retention: [{ kind: "cell", measures: ["total"], fields: ["offset"], windows: [] }],
  breakdown: [{ kind: "row", measures: ["events", "persons"], fields: ["rows"] }],
  lifecycle: [{ kind: "state", measures: ["new", "returning", "resurrecting", "dormant"], fields: [], windows: WHOLE_INTERVALS }],
  stickiness: [{ kind: "frequency", measures: ["persons", "share", "mean"], fields: ["series", "atLeast"], windows: DAYS }],
  paths: [
    { kind: "transition", measures: ["count", "persons", "share"], fields: ["source", "target", "pathStep"] },
    { kind: "node", measures: ["visits", "persons", "share"], fields: ["node", "pathStep"] },
  ],
  sessions: [
    { kind: "figure", measures: ["sessions", "persons", "events_per_session", "average_seconds", "median_seconds", "bounce_rate"], fields: [] },
    { kind: "row", measures: ["entries", "exits"], fields: ["rows"] },
  ],
  revenue: [
    { kind: "figure", measures: ["revenue", "purchases", "refunds", "refunded", "payers", "active", "per_active", "per_payer"], fields: ["currency"] },
  ],
  game: [
    {
      kind: "figure",
      measures: ["daily_active_average", "sessions", "sessions_per_daily_active", "average_session_seconds", "median_session_seconds"],
      fields: [],
    },
    { kind: "cell", measures: ["total"], fields: ["returnDay"], windows: [] },
    { kind: "row", measures: ["starts", "fails", "completes", "persons"], fields: ["rows"] },
    { kind: "resource", measures: ["source", "sink", "persons"], fields: ["currency", "item"] },
  ],
};

/** What is chosen of an insight by a watch. */
export function choiceOf(insight: SavedInsight, watch: Watch): WatchChoice | undefined {
  return WATCHES[insight.kind].find(({ kind }) => kind === watch.kind);
}

/** The windows that an alert can look at; none: the figure has its own. */
export function windowsOf(insight: SavedInsight | undefined, watch: Watch): readonly number[] {
  const windows = insight ? (choiceOf(insight, watch)?.windows ?? WINDOWS) : WINDOWS;
  const isByWeek = watch.kind === "frequency" && (insight?.query as { interval?: unknown } | undefined)?.interval === "week";
  return isByWeek ? windows.filter((minutes) => minutes % 10_080 === 0) : windows;
}

/** The watch that is chosen first of an insight, or the first one of a kind and measure. */
export function watchOf(insight: SavedInsight, wanted: { kind?: Kind; measure?: Measure } = {}): Watch {
  const choices = WATCHES[insight.kind];
  const choice = choices.find(({ kind }) => kind === wanted.kind) ?? choices[0];
  const kind = choice?.kind ?? "series";
  const firstIndex: Partial<Record<Kind, number>> = { step: Math.max(1, listOf(insight, "steps").length - 1), cell: 1, transition: 1, node: 1 };
  return {
    kind,
    index: firstIndex[kind] ?? 0,
    value: null,
    any_row: hasRows(insight, kind),
    measure: wanted.measure ?? choice?.measures[0] ?? "total",
    source: null,
    item: null,
    at_least: 1,
  };
}

/** The series or steps of an insight. */
export function listOf(insight: SavedInsight, field: "series" | "steps"): { event?: string | null; label?: string }[] {
  const found: unknown = (insight.query as Record<string, unknown>)[field];
  return Array.isArray(found) ? (found as { event?: string | null; label?: string }[]) : [];
}

/** Whether what is watched of an insight has rows, of which an alert may watch one or any. */
export function hasRows(insight: SavedInsight, kind: Kind): boolean {
  return kind === "row" || (kind === "series" && Boolean((insight.query as { breakdown?: unknown }).breakdown));
}

/** The name of a figure in the form. */
export function figureName(kind: Kind, measure: Measure): string {
  const names: Record<string, string> = t.alerts.figures;
  return names[`${kind}:${measure}`] ?? measure;
}

const SHARES: ReadonlySet<Kind | Measure> = new Set<Kind | Measure>(["step", "cell", "errors", "share", "bounce_rate"]);
const SECONDS: ReadonlySet<Kind | Measure> = new Set<Kind | Measure>([
  "lag",
  "average_seconds",
  "median_seconds",
  "average_session_seconds",
  "median_session_seconds",
]);

/** What the value of a watch is counted in. */
export function unitOf({ kind, measure }: Pick<Watch, "kind" | "measure">): Unit {
  if (SECONDS.has(kind) || SECONDS.has(measure)) return "seconds";
  return SHARES.has(kind) || SHARES.has(measure) ? "share" : "count";
}

/** A value of a watch, or a bound of its condition, with its unit. */
export function watchedValue(value: number, watch: Pick<Watch, "kind" | "measure">): string {
  const unit = unitOf(watch);
  return unit === "share" ? exactPercent(value) : exactValue(value, unit);
}

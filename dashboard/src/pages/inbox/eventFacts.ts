import type { AlertEvent } from "../../api/alerts/alerts";
import { exactNumber } from "../../format/numbers";
import { valueName } from "../../format/valueName";
import { t } from "../../texts";
import { watchedValue } from "../alerts/watches";

/** What an alert found as it fired: the value with its unit, the bounds, and the row. */
export function eventFacts({ value, high, low, row, watch }: Pick<AlertEvent, "value" | "high" | "low" | "row" | "watch">): string[] {
  const text = (figure: number) => (watch ? watchedValue(figure, watch) : exactNumber(figure));
  const isOfRow = row !== null || Boolean(watch?.any_row) || watch?.kind === "row";
  return [
    value === null ? null : t.inbox.valueOf(text(value)),
    high === null ? null : t.inbox.above(text(high)),
    low === null ? null : t.inbox.below(text(low)),
    isOfRow ? t.inbox.row(valueName(row)) : null,
  ].filter((fact) => fact !== null);
}

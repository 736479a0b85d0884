import type { MetricKind } from "../../api/flags/experiments";
import { exactNumber, sharePercent, signedPercent } from "../../format/numbers";
import { LOCALE } from "../../texts/locale";
import { t } from "../../texts";

const precise = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const signed = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3, signDisplay: "exceptZero" });
const points = new Intl.NumberFormat(LOCALE, { style: "percent", maximumSignificantDigits: 3, signDisplay: "exceptZero" });

/** Whether a metric is a share of users. */
export function isShare(kind: MetricKind): boolean {
  return kind === "conversion" || kind === "retention";
}

/** Format the value of a metric; null: it is not defined. */
export function metricValue(value: number | null, kind: MetricKind): string {
  if (value === null) return t.common.none;
  if (isShare(kind)) return sharePercent(value);
  return Math.abs(value) >= 100 ? exactNumber(value) : precise.format(value);
}

/** Format a difference in the unit of a metric, with its sign. */
export function metricDifference(value: number | null, kind: MetricKind): string {
  if (value === null) return t.common.none;
  return isShare(kind) ? points.format(value) : signed.format(value);
}

/** Format a relative change: 0.1 is +10%. */
export function liftPercent(lift: number | null): string {
  return lift === null ? t.common.none : signedPercent(Number((lift * 100).toPrecision(3)));
}

/** Name a variant, and say of the control that it is, unless its key does. */
export function variantName(variant: string, isControl: boolean): string {
  const { control } = t.experiments;
  return isControl && variant.toLowerCase() !== control.toLowerCase() ? `${variant} (${control})` : variant;
}

/** Format a p-value. */
export function pValue(p: number | null): string {
  if (p === null) return t.common.none;
  return p < 0.001 ? `<${precise.format(0.001)}` : precise.format(p);
}

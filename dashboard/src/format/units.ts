import { LOCALE } from "../texts/locale";
import { duration } from "./duration";
import { exactNumber, sharePercent, shortNumber } from "./numbers";

/** What a figure is counted in: things, a share from 0 to 1, seconds, or a currency (ISO 4217). */
export type Unit = "count" | "share" | "seconds" | { currency: string };

/** Format a value with every digit. */
export function exactValue(value: number, unit: Unit): string {
  if (unit === "share") return sharePercent(value);
  if (unit === "seconds") return duration(value);
  return unit === "count" ? exactNumber(value) : money(value, unit.currency, "standard");
}

/** Format a value for cards and axes. */
export function shortValue(value: number, unit: Unit): string {
  if (unit === "count") return shortNumber(value);
  return typeof unit === "object" && Math.abs(value) >= 10_000 ? money(value, unit.currency, "compact") : exactValue(value, unit);
}

function money(value: number, currency: string, notation: "standard" | "compact"): string {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency, notation, maximumFractionDigits: notation === "compact" ? 1 : 2 }).format(value);
}

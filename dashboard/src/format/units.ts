import { LOCALE } from "../texts/locale";
import { duration } from "./duration";
import { exactNumber, sharePercent, shortNumber, withMinus } from "./numbers";

/** What a figure is counted in: things, a share from 0 to 1, seconds, or a currency (ISO 4217). */
export type Unit = "count" | "share" | "seconds" | { currency: string };

/** Format a value with every digit. */
export function exactValue(value: number, unit: Unit): string {
  if (unit === "share") return sharePercent(value);
  if (unit === "seconds") return duration(value);
  return unit === "count" ? exactNumber(value) : money(value, unit.currency, { maximumFractionDigits: 2 });
}

/** Format a value beside an axis: like `shortValue`, but a whole amount of money without its zeros, $80. */
export function axisValue(value: number, unit: Unit): string {
  return typeof unit === "object" && Number.isInteger(value) && Math.abs(value) < 10_000 ? money(value, unit.currency, { maximumFractionDigits: 0 }) : shortValue(value, unit);
}

/** Format a value for cards. */
export function shortValue(value: number, unit: Unit): string {
  if (unit === "count") return shortNumber(value);
  return typeof unit === "object" && Math.abs(value) >= 10_000 ? money(value, unit.currency, { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 }) : exactValue(value, unit);
}

function money(value: number, currency: string, options: Intl.NumberFormatOptions): string {
  return withMinus(new Intl.NumberFormat(LOCALE, { style: "currency", currency, ...options }).format(value));
}

import { LOCALE } from "../texts/locale";

const exact = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const twoDigits = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const exactShare = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 4 });
/** The sign behind a number, with the space that the language puts before it. */
const PERCENT = share.format(0).replace("0", "");

/** Format every digit: 12,345. */
export function exactNumber(value: number): string {
  return withMinus(exact.format(value));
}

/** Format a ratio with two digits, so that those of a column stand below one another: 0.20. */
export function ratio(value: number): string {
  return twoDigits.format(value);
}

/** Give a number the sign of a minus, as wide as a plus, for the hyphen that the browser puts before it. */
export function withMinus(text: string): string {
  return text.replace(/^-/, "−");
}

/** Format for cards and axes: 12.3K; below ten thousand every digit. */
export function shortNumber(value: number): string {
  return Math.abs(value) < 10_000 ? exactNumber(value) : withMinus(short.format(value));
}

/** Format a share: 0.256 is 25.6%. A share above zero is never "0%", but "<0.1%". */
export function sharePercent(part: number): string {
  return part > 0 && part < 0.001 ? `<${share.format(0.001)}` : share.format(part);
}

/** Format a share with the digits that a person may have entered: 0.00045 is 0.045%. */
export function exactPercent(part: number): string {
  return exactShare.format(part);
}

/** Format a change: +12.5% or −3%; beyond ten thousand percent shortened: +125K%. */
export function signedPercent(percent: number): string {
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${shortNumber(Math.abs(percent))}${PERCENT}`;
}

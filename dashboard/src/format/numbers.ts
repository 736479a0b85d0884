const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** 12,345: every digit. */
export function exactNumber(value: number): string {
  return exact.format(value);
}

/** 12.3K: for cards and axes; below ten thousand every digit. */
export function shortNumber(value: number): string {
  return Math.abs(value) < 10_000 ? exact.format(value) : short.format(value);
}

/** 0.256 becomes 25.6%. What is there but too small to show is "<0.1%", never "0%". */
export function sharePercent(part: number): string {
  return part > 0 && part < 0.001 ? "<0.1%" : share.format(part);
}

/** +12.5% or −3%. Growth beyond ten thousand percent loses its digits: +125K%. */
export function signedPercent(percent: number): string {
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  return `${sign}${shortNumber(Math.abs(percent))}%`;
}

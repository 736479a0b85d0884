import { LOCALE } from "../texts/locale";

const names = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "code" });

/** Name a country by its ISO 3166-1 code: "Germany". What is no such code is shown as it is. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code;
}

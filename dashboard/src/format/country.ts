import { LOCALE } from "../texts/locale";

const names = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "none" });

/** Whether a text may be a country: ISO 3166-1 alpha-2. */
export function isCountry(code: string): boolean {
  return /^[A-Za-z]{2}$/.test(code);
}

/** Name a country by its code; an unknown code is shown as it is. */
export function countryName(code: string): string {
  return (isCountry(code) ? names.of(code.toUpperCase()) : undefined) ?? code;
}

/** Name a language by its tag: "de-AT" is "Austrian German". */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(LOCALE, { type: "language" }).of(tag) ?? tag;
  } catch {
    // What a client sent is no language tag.
    return tag;
  }
}

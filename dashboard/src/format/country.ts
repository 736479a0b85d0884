import { LOCALE } from "../texts/locale";

const names = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "none" });

/** Whether a text may be a country: ISO 3166-1 alpha-2. */
export function isCountry(code: string): boolean {
  return /^[A-Za-z]{2}$/.test(code);
}

/** The code that stands for no country, which has a name like the others. */
const NO_COUNTRY = "ZZ";

/** Name a country by its code; an unknown code is shown as it is. */
export function countryName(code: string): string {
  const known = isCountry(code) && code.toUpperCase() !== NO_COUNTRY;
  return (known ? names.of(code.toUpperCase()) : undefined) ?? code;
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

import { countryName } from "../../../format/country";
import { valueName } from "../../../format/valueName";

/** Name a value of a breakdown; a country by its name instead of its code. */
export function nameOfValue(property: string, value: string | null, isOther: boolean): string {
  const isCountry = property === "country" && value !== null && /^[A-Z]{2}$/.test(value);
  return isCountry ? countryName(value) : valueName(value, isOther);
}

import type { WebDimension } from "../../api/reports/web";
import { countryName, languageName } from "../../format/country";
import { valueName } from "../../format/valueName";
import { t } from "../../texts";

/** Name a value of a list: "Germany" for DE, "Direct / none" for a visit without a source. */
export function valueLabel(dimension: WebDimension, value: string | null): string {
  if (value === null) return dimension === "source" ? t.web.direct : t.web.unknown;
  switch (dimension) {
    case "country":
      return countryName(value);
    case "language":
      return languageName(value);
    case "device":
      return value.charAt(0).toUpperCase() + value.slice(1);
    default:
      return valueName(value);
  }
}

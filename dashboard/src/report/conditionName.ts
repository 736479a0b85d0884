import { countryName } from "../format/country";
import { t } from "../texts";
import { type Condition } from "./filters";

/** A condition in words: "country is Germany or France". */
export function conditionName({ property, operator, values }: Condition): string {
  const [low = "", high = ""] = values;
  const verb = t.insights.operators[operator];
  return operator === "between"
    ? t.report.conditionBetween(property, verb, low, high)
    : t.report.condition(property, verb, property === "country" ? values.map(countryName) : values);
}

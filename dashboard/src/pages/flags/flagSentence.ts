import type { Flag, FlagCondition, FlagFilter } from "../../api/flags/flags";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { conditionName } from "../../report/conditionName";
import { t } from "../../texts";

type Audience = Pick<Flag, "is_active" | "rollout_percentage" | "conditions" | "overrides" | "starts_at" | "ends_at" | "group_type">;

const { sentence } = t.flags;

/** Who gets a flag, in words. */
export function flagSentence(flag: Audience, zone: string): string {
  if (!flag.is_active) return sentence.off;
  const [first, ...others] = flag.conditions;
  const named = Object.keys(flag.overrides).length;
  const nameCount = flag.group_type === null ? sentence.named : sentence.namedGroups;
  const everybody: FlagCondition = { filters: [], rollout_percentage: null, variant: null };
  const parts = [
    conditionSentence(first ?? everybody, flag.rollout_percentage, flag.group_type),
    ...(others.length > 0 ? [sentence.others(others.length)] : []),
    ...(named > 0 ? [nameCount(named)] : []),
  ];
  return [parts.join(", "), scheduleSentence(flag, zone)].filter((text) => text !== "").join(" · ");
}

/** Who meets a condition, in words. `share`: that of the flag, for a condition without its own. `groupType`: null for users. */
export function conditionSentence({ filters = [], rollout_percentage: own, variant }: FlagCondition, share: number, groupType: string | null): string {
  const part = percent(own ?? share);
  const text = groupType === null ? sentence.share(part) : sentence.shareOfGroups(part, groupType);
  const where = filters.length === 0 ? text : sentence.where(text, filters.map(filterName));
  return variant === null ? where : sentence.get(where, variant);
}

/** A filter in words: "plan is pro", what it asks of another flag, or what the user did. */
export function filterName({ scope, property, operator, value = [] }: FlagFilter): string {
  if (scope === "flag") return sentence.flag(property, valueName(value[0] ?? true));
  if (operator === "did" || operator === "did_not") {
    const days = Number(value[0]);
    return operator === "did" ? sentence.did(property, days) : sentence.didNot(property, days);
  }
  if (scope === "cohort") return (operator === "is" ? sentence.cohort : sentence.notCohort)(value.join(", "));
  return conditionName({ property, operator, values: value.map(String), scope: "person" });
}

/** The name of a value of a flag. */
export function valueName(value: unknown): string {
  if (value === true || value === "true") return t.common.on;
  return value === false || value === "false" ? t.common.off : String(value);
}

export function percent(share: number): string {
  return t.flags.percent(exactNumber(share));
}

function scheduleSentence({ starts_at: start, ends_at: end }: Audience, zone: string): string {
  return [...(start === null ? [] : [sentence.from(exactTime(start, zone))]), ...(end === null ? [] : [sentence.until(exactTime(end, zone))])].join(" ");
}

import type { FlagCondition, FlagVariant, FlagVersion } from "../../api/flags/flags";
import { exactTime } from "../../format/time";
import { isObject } from "../../report/json";
import { t } from "../../texts";
import { conditionSentence, percent, valueName } from "./flagSentence";

/** What a version changed of one field, as lines of text. */
export interface FieldChange {
  label: string;
  before: string[];
  after: string[];
}

const INSTANTS = ["starts_at", "ends_at"];
const NOTHING = [t.common.none];

/** What a version changed, field by field; of lists only the lines that differ. */
export function changesIn({ changes, definition }: Pick<FlagVersion, "changes" | "definition">, zone: string): FieldChange[] {
  const share = Number(definition?.["rollout_percentage"] ?? 100);
  const groupType = typeof definition?.["group_type"] === "string" ? definition["group_type"] : null;
  return Object.entries(changes).map(([field, change]) => {
    const { from, to } = isObject(change) ? change : {};
    const [before, after] = [linesOf(field, from, zone, share, groupType), linesOf(field, to, zone, share, groupType)];
    const labels: Record<string, string> = t.flags.fields;
    return { label: labels[field] ?? field, before: without(before, after), after: without(after, before) };
  });
}

/** The lines that only the first has; all of them if only their order differs. */
function without(lines: string[], others: string[]): string[] {
  const own = lines.filter((line) => !others.includes(line));
  if (own.length > 0) return own;
  return lines.length === others.length && lines.length > 0 ? lines : NOTHING;
}

function linesOf(field: string, value: unknown, zone: string, share: number, groupType: string | null): string[] {
  if (value === null || value === undefined || value === "") return [];
  switch (field) {
    case "is_active":
      return [valueName(value)];
    case "rollout_percentage":
      return [percent(Number(value))];
    case "conditions":
      return (value as FlagCondition[]).map((one) => conditionSentence(one, share, groupType));
    case "variants":
      return (value as FlagVariant[]).map(({ key, rollout_percentage: part }) => t.flags.variantShare(key, percent(part)));
    case "payloads":
      return Object.entries(value).map(([name, payload]) => t.flags.assigned(valueName(name), JSON.stringify(payload)));
    case "overrides":
      return Object.entries(value).map(([id, one]) => t.flags.assigned(id, valueName(one)));
    default:
      if (typeof value !== "string") return [JSON.stringify(value)];
      return [INSTANTS.includes(field) ? exactTime(value, zone) : value];
  }
}

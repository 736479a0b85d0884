import type { Flag, FlagUsage } from "../../api/flags/flags";
import { DAY_MS } from "../../format/time";
import { t } from "../../texts";
import { valueName } from "./flagSentence";

const STALE_DAYS = 30;

export type UsedFlag = FlagUsage["items"][number];

/** What code was answered for a flag; undefined: it was not asked for. */
export function usageOf(key: string, usage: FlagUsage | undefined): UsedFlag | undefined {
  return usage?.items.find((one) => one.key === key);
}

/**
 * Why a flag can probably be removed from code, in words; null: nothing says so.
 *
 * A flag that was created or changed less than 30 days ago is not stale.
 */
export function staleReason(flag: Pick<Flag, "key" | "created_at" | "updated_at">, usage: FlagUsage | undefined): string | null {
  if (usage === undefined) return null;
  const isOld = (since: string) => new Date(usage.to).getTime() - new Date(since).getTime() >= STALE_DAYS * DAY_MS;
  const used = usageOf(flag.key, usage);
  if (used === undefined) return isOld(flag.created_at) && !usage.has_more ? t.flags.staleUnused : null;
  const [only, ...others] = used.values;
  if (only === undefined || others.length > 0 || only.value === null || !isOld(flag.updated_at)) return null;
  return t.flags.staleSame(valueName(only.value));
}

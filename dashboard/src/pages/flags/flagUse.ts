import type { FlagUsage, StaleFlags } from "../../api/flags/flags";
import { t } from "../../texts";
import { valueName } from "./flagSentence";

export type UsedFlag = FlagUsage["items"][number];
export type EvaluatedFlag = FlagUsage["evaluated"][number];

/** What code was answered for a flag, as events say; undefined: none came. */
export function usageOf(key: string, usage: FlagUsage | undefined): UsedFlag | undefined {
  return usage?.items.find((one) => one.key === key);
}

/** What the server was asked for a flag; undefined: nothing. */
export function evaluationsOf(key: string, usage: FlagUsage | undefined): EvaluatedFlag | undefined {
  return usage?.evaluated.find((one) => one.key === key);
}

/** Why a flag can probably be removed from code, in words; null: nothing says so. */
export function staleReason(key: string, stale: StaleFlags | undefined): string | null {
  const found = stale?.items.find((one) => one.key === key);
  if (found === undefined) return null;
  return found.reason === "not_asked" ? t.flags.staleUnused : t.flags.staleSame(valueName(found.value));
}

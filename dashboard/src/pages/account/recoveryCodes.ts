import type { ShownOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";

/** New recovery codes, as they are shown once. */
export function recoveryCodes(email: string, codes: readonly string[]): ShownOnce {
  return {
    title: t.account.recoveryCodes,
    warning: t.account.recoveryCodesWarning,
    values: [{ label: t.account.recoveryCodesOf(email), value: codes.join("\n") }],
    fileName: "tidemark-recovery-codes.txt",
  };
}

import type { ShownOnce } from "../../components/showOnce/useShowOnce";

/** Recovery codes, as they are shown when they were made. */
export function recoveryCodes(email: string, codes: readonly string[]): ShownOnce {
  return {
    title: "Your recovery codes",
    warning:
      "Each lets you in once when your phone is lost. Keep them where the phone is not: on paper, or in a password manager.",
    values: [{ label: `Recovery codes of ${email} for Tidemark`, value: codes.join("\n") }],
    fileName: "tidemark-recovery-codes.txt",
  };
}

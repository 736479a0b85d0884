import type { FlagDraft } from "./flagDraft";

/** What every part of a flag's form needs. */
export interface FieldProps {
  draft: FlagDraft;
  /** Names of fields that are not complete or wrong. */
  problems: ReadonlySet<string>;
  /** What the server refused. */
  error: Error | null;
  change: (changes: Partial<FlagDraft>) => void;
}

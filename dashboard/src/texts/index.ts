import type { en } from "./en";
import { signedOut } from "./signedOut";

/** What a translation has to provide: every text of the English file, with the same parameters. */
export type Texts = typeof en;

/** Every text that the dashboard shows. The sign-in page loads those of its own only; `signedIn.ts` adds the others. */
export const t = { ...signedOut } as Texts;

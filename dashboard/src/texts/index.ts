import { en } from "./en";

/** What a translation has to provide: every text of the English file, with the same parameters. */
export type Texts = typeof en;

/** Every text that the dashboard shows. */
export const t: Texts = en;

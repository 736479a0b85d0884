import type { en } from "./en";
import type { setup } from "./en/setup";
import type { signedOut } from "./en/signedOut";

/** What a language has to provide: every text of the English files, with the same parameters. */
export type Texts = typeof signedOut & typeof en & typeof setup;

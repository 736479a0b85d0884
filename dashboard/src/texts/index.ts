import { isolating } from "./isolating";
import { LANGUAGE, type Language } from "./language";
import type { Texts } from "./texts";

export type { Texts } from "./texts";

/** The texts of a language: those of the sign-in page, those of reports, and those of pages where things are set up. Each is a file that is loaded when it is needed. */
const FILES: Record<Language, Record<"signedOut" | "signedIn" | "setup", () => Promise<Partial<Texts>>>> = {
  en: {
    signedOut: async () => (await import("./en/signedOut")).signedOut,
    signedIn: async () => (await import("./en")).en,
    setup: async () => (await import("./en/setup")).setup,
  },
  de: {
    signedOut: async () => (await import("./de/signedOut")).signedOut,
    signedIn: async () => (await import("./de")).de,
    setup: async () => (await import("./de/setup")).setup,
  },
};

/**
 * Every text that the dashboard shows. Modules read it when they are loaded, so this module is ready only
 * once the texts of the sign-in page are there; `loadTexts` and `loadSetupTexts` add the others.
 */
export const t = isolating(await FILES[LANGUAGE].signedOut()) as Texts;

/** Add the texts of those who are signed in, before the first of their pages is loaded. */
export async function loadTexts(): Promise<void> {
  Object.assign(t, isolating(await FILES[LANGUAGE].signedIn()));
}

/** Add the texts of pages where things are set up (account, settings, imports, administration), before one of them is loaded. */
export async function loadSetupTexts(): Promise<void> {
  Object.assign(t, isolating(await FILES[LANGUAGE].setup()));
}

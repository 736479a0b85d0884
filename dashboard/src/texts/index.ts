import { isolating } from "./isolating";
import { LANGUAGE, type Language } from "./language";
import type { Texts } from "./texts";

export type { Texts } from "./texts";

/** The texts of a language: those of the sign-in page, and the others. Each is a file that is loaded when it is needed. */
const FILES: Record<Language, { signedOut: () => Promise<Partial<Texts>>; signedIn: () => Promise<Partial<Texts>> }> = {
  en: {
    signedOut: async () => (await import("./en/signedOut")).signedOut,
    signedIn: async () => (await import("./en")).en,
  },
  de: {
    signedOut: async () => (await import("./de/signedOut")).signedOut,
    signedIn: async () => (await import("./de")).de,
  },
};

/**
 * Every text that the dashboard shows. Modules read it when they are loaded, so this module is ready only
 * once the texts of the sign-in page are there; `loadAllTexts` adds the others.
 */
export const t = isolating(await FILES[LANGUAGE].signedOut()) as Texts;

/** Add the texts of the other pages, before the first of them is loaded. */
export async function loadAllTexts(): Promise<void> {
  Object.assign(t, isolating(await FILES[LANGUAGE].signedIn()));
}

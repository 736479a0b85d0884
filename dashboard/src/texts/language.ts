/** The languages of the dashboard, by their own names (BCP 47). */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof LANGUAGES;

const KEY = "tidemark-language";

/** The language of the pages: what was chosen in this browser, else the first of its own that there is. */
export const LANGUAGE = chosenLanguage() ?? offeredLanguage(navigator.languages);

/** The language that was chosen in this browser; null where its own languages decide. */
export function chosenLanguage(): Language | null {
  const stored = storage()?.getItem(KEY) ?? "";
  return isLanguage(stored) ? stored : null;
}

/** Remember a choice, or that the browser's languages decide, and show the page in it. */
export function chooseLanguage(language: Language | null): void {
  if (language === null) storage()?.removeItem(KEY);
  else storage()?.setItem(KEY, language);
  // Modules read their texts when they are loaded, so the page is loaded anew.
  window.location.reload();
}

/** The first of a browser's languages that there is: "de-AT" is German. English, if none is. */
export function offeredLanguage(languages: readonly string[]): Language {
  return languages.map((one) => one.split("-")[0] ?? "").find(isLanguage) ?? "en";
}

function isLanguage(name: string): name is Language {
  return Object.hasOwn(LANGUAGES, name);
}

/** Null where the browser lets no page store anything. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

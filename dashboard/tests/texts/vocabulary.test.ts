import { describe, expect, it } from "vitest";
import { de } from "../../src/texts/de";
import { setup as deSetup } from "../../src/texts/de/setup";
import { signedOut as deSignedOut } from "../../src/texts/de/signedOut";
import { en } from "../../src/texts/en";
import { setup as enSetup } from "../../src/texts/en/setup";
import { signedOut as enSignedOut } from "../../src/texts/en/signedOut";
import { leaves, wordings, type Leaf } from "./leaves";

interface Catalogue {
  texts: Map<string, Leaf>;
  /** What to say instead of words that name the same thing, or that nobody says. */
  instead: Record<string, RegExp>;
  /** Of a sentence. */
  maxWords: number;
  /** How the label of a button begins or ends. */
  isAct: (label: string) => boolean;
}

const SOURCES = import.meta.glob<string>("../../src/**/*.tsx", { query: "?raw", import: "default", eager: true });

const VERBS = /^(Accept|Acknowledge|Add|Apply|Cancel|Change|Clear|Continue|Copy|Create|Delete|Download|Edit|Invite|Leave|New|Open|Refresh|Remove|Replace|Resolve|Restore|Revoke|Roll|Run|Save|Send|Set|Share|Ship|Show|Sign|Start|Stay|Try|Turn|Undo|Use|Withdraw)\b/;

const CATALOGUES: Record<string, Catalogue> = {
  English: {
    texts: leaves({ ...enSignedOut, ...en, ...enSetup }),
    instead: {
      "sign in, sign out": /\blog(ged|ging)? (in|out)\b|\blog-?in page\b/i,
      "e-mail": /\bemails?\b/i,
      "time zone": /\btimezone\b/i,
      user: /\b(persons|end[ -]users?)\b/i,
      "turn on, turn off": /\bswitch(ed)? (it |them )?(on|off)\b/i,
      delete: /\b(erase|destroy|purge)[sd]?\b/i,
      refuse: /\breject/i,
      "break down": /\bbroken down\b/i,
      dashboard: /\bboards?\b/i,
      returning: /\bhere again\b/i,
      dormant: /\bstayed away\b/i,
      "drop off": /\bcame through\b/i,
      resume: /\bgo on updating\b/i,
      "returned with": /\bcame back with\b/i,
      "for the chosen dates": /\bof the whole range\b/i,
      query: /\b(this|the|its|a) question\b/i,
      "a plain word": /\b(is away|kept in clear|is told to|simply taken|taken as given|not one of ours|gave out|whole link\b.*\blast letter|no longer fresh|some signs|presence|strangers?)\b/i,
    },
    maxWords: 30,
    isAct: (label) => VERBS.test(label),
  },
  German: {
    texts: leaves({ ...deSignedOut, ...de, ...deSetup }),
    instead: {
      Nutzer: /\b(Benutzer|User(?!-Agent)|Anwender)\b/,
      Ereignis: /\bEvents?\b/,
      Sitzung: /\bSessions?\b/,
      Passwort: /\bKennwort\b/i,
      anmelden: /\b(einloggen|ausloggen|eingeloggt|Login)\b/i,
      "E-Mail": /\bEmails?\b/i,
      Trichter: /\bFunnel\b/i,
      Konversion: /\bConversions?\b/i,
      Umsatz: /\b(Einnahmen|Erlöse?|Revenue)\b/,
      Absprungrate: /\bBounce\b/i,
      Eigenschaft: /\b(Attribut|Merkmal|Property)\b/,
      Sie: /\b([Dd]u|[Dd]ein(e[mnrs]?)?|[Dd]ich|[Dd]ir)\b/,
      Analyse: /\bInsights?\b/i,
      Schlüssel: /\bKeys?\b/,
      "ein deutsches Wort": /\b(the|and|of|with|your|this|from|are|cannot)\b/i,
      ablehnen: /\b(zurückgewiesen|abgewiesen)/i,
    },
    maxWords: 30,
    isAct: (label) => /\p{L}e(n|rn|ln)\b|^Neue[nrs]? |^Weiter$/u.test(label),
  },
};

/** Labels of buttons that say what was done, or lead to a page. */
const NO_ACTS = ["dashboards.done", "notFound.allProjects", "showOnce.copied"];

describe.each(Object.entries(CATALOGUES))("%s texts", (_, { texts, instead, maxWords, isAct }) => {
  const said = [...texts].flatMap(([key, text]) => wordings(text).map((wording) => ({ key, wording })));

  it.each(Object.entries(instead))("say “%s”", (_word, others) => {
    expect(said.filter(({ wording }) => others.test(wording))).toEqual([]);
  });

  it("have short sentences", () => {
    const sentences = said.flatMap(({ key, wording }) => wording.split(/[.!?:;](?=\s|$)/).map((sentence) => ({ key, sentence })));
    expect(sentences.filter(({ sentence }) => sentence.trim().split(/\s+/).length > maxWords)).toEqual([]);
  });

  it("name what a button does by a verb", () => {
    const labels = buttonKeys().map((key) => ({ key, label: wordings(texts.get(key) ?? "").join() }));
    expect(labels.length).toBeGreaterThan(30);
    expect(labels.filter(({ key, label }) => !NO_ACTS.includes(key) && !isAct(label))).toEqual([]);
  });
});

/** Wordings of the first dashboard that were replaced: riddles, archaisms, and words of the API. */
const REPLACED =
  /none in (the|yesterday) |\b(high water|how much, over time|intervals that read best|by the day|only events whose|all must hold|one is enough|others may come between|straight one after the other|every time they began|back after a pause|stayed away|beginning with|save keeps a question|take it away|set it up|put this into|counted by themselves|its clock|ship in pages|their beginning is|what comes faster|nothing was decided|empty: for good|here you stay|better than many signs|learns your password|is not whole|see how high|washed up|to must be)\b/i;

it("no wording that was replaced comes back", () => {
  const texts = [...leaves({ ...enSignedOut, ...en, ...enSetup })];
  expect(texts.filter(([, text]) => wordings(text).some((wording) => REPLACED.test(wording))).map(([key]) => key)).toEqual([]);
});

/** The keys of the texts that are the whole label of a button, or of the button that ends a dialog. */
function buttonKeys(): string[] {
  const found = Object.values(SOURCES).flatMap((source) => [
    ...source.matchAll(/<Button\b(?:[^>]|=>)*>\s*\{t\.([\w.]+)\}\s*<\/Button>/g),
    ...source.matchAll(/(?:submit|confirm|action)Label=\{t\.([\w.]+)\}/g),
  ]);
  return [...new Set(found.map(([, key]) => key ?? ""))].sort();
}

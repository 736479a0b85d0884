import { describe, expect, it } from "vitest";
import { de } from "../../src/texts/de";
import { setup as deSetup } from "../../src/texts/de/setup";
import { signedOut as deSignedOut } from "../../src/texts/de/signedOut";
import { en } from "../../src/texts/en";
import { setup as enSetup } from "../../src/texts/en/setup";
import { signedOut as enSignedOut } from "../../src/texts/en/signedOut";
import { leaves, placeholdersOf } from "./leaves";

const english = leaves({ ...enSignedOut, ...en, ...enSetup });
const german = leaves({ ...deSignedOut, ...de, ...deSetup });

/** Names of things that are called the same in German. */
const SAME_IN_BOTH: string[] = ["channels.kinds.teams", "health.periods.24h", "imports.presets.ga4", "install.names.ga", "outcomes.refusals.do_not_track.label"];

describe("German texts", () => {
  it("has every text of the English ones, and no other", () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("fills in what the English ones fill in", () => {
    const differing = [...english].flatMap(([key, text]) => {
      const [expected, found] = [placeholdersOf(text), placeholdersOf(german.get(key))];
      return expected.join() === found.join() ? [] : [`${key}: ${expected.join()} in English, ${found.join()} in German`];
    });
    expect(differing).toEqual([]);
  });

  it("does not leave English sentences in place", () => {
    const same = [...english].filter(([key, text]) => typeof text === "string" && text.includes(" ") && text === german.get(key));
    expect(same.map(([key]) => key).sort()).toEqual(SAME_IN_BOTH);
  });

  it("says one in the singular", () => {
    expect(de.dashboards.tiles(1)).toBe("1 Kachel");
    expect(de.dashboards.tiles(2)).toBe("2 Kacheln");
    expect(de.home.refused.title(1, 9)).toBe("Von 9 in diesem Zeitraum empfangenen wird 1 Ereignis nicht gezählt");
    expect(de.game.retentionAfter(1).explanation).toContain("genau 1 Tag später");
    expect(de.people.sessions.summary(1, 1)).toBe("1 Sitzung · 1 Nutzer");
  });
});

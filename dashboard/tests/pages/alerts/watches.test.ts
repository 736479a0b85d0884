import { describe, expect, it } from "vitest";
import type { SavedInsight } from "../../../src/api/requests/client";
import { definitionOf, newDraft } from "../../../src/pages/alerts/alertDraft";
import { eventFacts } from "../../../src/pages/inbox/eventFacts";
import { figureName, unitOf, WATCHES, watchOf, windowsOf } from "../../../src/pages/alerts/watches";

type Kind = SavedInsight["kind"];
const insightOf = (kind: Kind, query = {}) => ({ id: 1, name: "One", kind, query }) as SavedInsight;

describe("What an alert can watch", () => {
  it("names every figure of every kind of insight", () => {
    const unnamed = Object.values(WATCHES)
      .flat()
      .flatMap(({ kind, measures }) => measures.filter((measure) => figureName(kind, measure) === measure).map((measure) => `${kind}:${measure}`));
    expect(unnamed).toEqual([]);
  });

  it("begins with a figure and a window that the kind of insight has", () => {
    for (const kind of Object.keys(WATCHES) as Kind[]) {
      const insight = insightOf(kind);
      const draft = newDraft(insight);
      const windows = windowsOf(insight, draft.watch);
      expect(windows.length === 0 || windows.includes(draft.window_minutes), kind).toBe(true);
      expect(definitionOf({ ...draft, condition: { ...draft.condition, threshold: 1 } }), kind).not.toBeNull();
    }
    expect(windowsOf(insightOf("stickiness", { interval: "week" }), watchOf(insightOf("stickiness")))).toEqual([10_080, 20_160, 40_320]);
  });

  it("enters shares in percent, and amounts as they are", () => {
    const shares = [
      { kind: "figure", measure: "bounce_rate" },
      { kind: "transition", measure: "share" },
      { kind: "cell", measure: "total" },
    ] as const;
    expect(shares.map(unitOf)).toEqual(["share", "share", "share"]);
    expect(unitOf({ kind: "figure", measure: "median_session_seconds" })).toBe("seconds");
    expect(unitOf({ kind: "figure", measure: "revenue" })).toBe("count");
    const draft = newDraft(insightOf("sessions"));
    const bounces = { ...draft, watch: watchOf(insightOf("sessions"), { kind: "figure", measure: "bounce_rate" }) };
    expect(definitionOf({ ...bounces, condition: { ...draft.condition, threshold: 40 } })?.condition.threshold).toBe(0.4);
    expect(definitionOf({ ...draft, condition: { ...draft.condition, threshold: 40 } })?.condition.threshold).toBe(40);
  });

  it("says what was found with its unit, however small a share is", () => {
    const found = { value: 0.00045, high: 0.0004, low: null, row: null };
    const watch = watchOf(insightOf("sessions"), { kind: "figure", measure: "bounce_rate" });
    expect(eventFacts({ ...found, watch })).toEqual(["Value 0.045%", "above 0.04%"]);
    const duration = watchOf(insightOf("sessions"), { kind: "figure", measure: "median_seconds" });
    expect(eventFacts({ ...found, value: 90, high: null, watch: duration })).toEqual(["Value 1 min 30 s"]);
    // An earlier version has not stored what was watched.
    expect(eventFacts({ ...found, value: 12, high: 10, row: "FI", watch: null })).toEqual(["Value 12", "above 10", "Row FI"]);
  });

  it("names the rows without a name", () => {
    const watch = watchOf(insightOf("breakdown"));
    const found = { value: 2, high: 1, low: null, watch };
    expect(eventFacts({ ...found, row: null }).at(-1)).toBe("Row Not set");
    expect(eventFacts({ ...found, row: "" }).at(-1)).not.toBe("Row ");
  });
});

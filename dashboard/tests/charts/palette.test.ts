import { expect, test } from "vitest";
import { COLOURS, seriesStyle } from "../../src/charts/palette";

function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, index) => sum + part * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each(["light", "dark"] as const)("in the %s scheme, lines stand out (3:1) and texts are readable (4.5:1)", (scheme) => {
  const colours = COLOURS[scheme];
  for (const colour of [...colours.series, colours.mark]) expect(contrast(colour, colours.surface)).toBeGreaterThan(3);
  for (const colour of [colours.text, colours.quiet]) expect(contrast(colour, colours.surface)).toBeGreaterThan(4.5);
});

test("lines beyond the palette differ by dashes", () => {
  const colours = COLOURS.light;
  const styles = Array.from({ length: 10 }, (_, index) => JSON.stringify(seriesStyle(colours, index)));
  expect(new Set(styles).size).toBe(10);
});

import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Modules fix the language when they are loaded, so these are loaded anew.
let numbers: typeof import("../../src/format/numbers");
let units: typeof import("../../src/format/units");
let time: typeof import("../../src/format/time");
let country: typeof import("../../src/format/country");

beforeAll(async () => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["gsw", "de-CH", "en"]);
  vi.resetModules();
  [numbers, units, time, country] = await Promise.all([
    import("../../src/format/numbers"),
    import("../../src/format/units"),
    import("../../src/format/time"),
    import("../../src/format/country"),
  ]);
});

afterAll(() => {
  // Files after this one load them in English.
  vi.restoreAllMocks();
  vi.resetModules();
});

test("numbers have a point between thousands and a decimal comma", () => {
  expect(numbers.exactNumber(1_234_567.5)).toBe("1.234.567,5");
  expect(plain(numbers.shortNumber(1_234_567))).toBe("1,2 Mio.");
});

test("a percent sign has a space before it", () => {
  expect([0, 0.0004, 0.256].map(numbers.sharePercent).map(plain)).toEqual(["0 %", "<0,1 %", "25,6 %"]);
  expect([12.5, -3].map(numbers.signedPercent).map(plain)).toEqual(["+12,5 %", "−3 %"]);
});

test("money and durations are written as in German", () => {
  expect(plain(units.exactValue(1_234.5, { currency: "EUR" }))).toBe("1.234,50 €");
  expect(units.exactValue(4.2, "seconds")).toBe("4,2 s");
});

test("dates have the day before the month", () => {
  expect(plain(time.daysName("2026-10-29", "2026-11-26"))).toBe("29. Okt. – 26. Nov. 2026");
  expect(time.intervalName("2026-11-26T00:00:00Z", "day", "UTC")).toBe("Do., 26. Nov. 2026");
  expect(time.axisLabel("2026-11-26T14:00:00Z", "hour", "UTC")).toBe("14:00");
  expect(time.ago("2026-11-26T00:00:00Z", Date.parse("2026-11-26T00:05:00Z"))).toBe("vor 5 min");
});

test("countries have their German names", () => {
  expect(country.countryName("AT")).toBe("Österreich");
});

/** With ordinary spaces in place of those that do not break. */
function plain(text: string): string {
  return text.replaceAll(/[\u00A0\u202F\u2009]/g, " ");
}

test("what stands for no country is shown as it is", () => {
  expect(["DE", "ZZ", "XX"].map(country.countryName)).toEqual(["Deutschland", "ZZ", "XX"]);
});

test("the causes of refusals are in German, and the server's own words follow where its code says too little", async () => {
  const { unwrap } = await import("../../src/api/requests/errors");
  const messageOf = async (status: number, code: string, message: string) => {
    const response = new Response("{}", { status });
    const error: unknown = await unwrap(Promise.resolve({ error: { code, message }, response })).catch((error: unknown) => error);
    return error instanceof Error ? error.message : "";
  };
  expect(await messageOf(401, "invalid_credentials", "The e-mail address or the password is wrong.")).toBe("E-Mail-Adresse oder Passwort ist falsch.");
  expect(await messageOf(409, "conflict", "There is a goal with this name.")).toBe("Der Server lehnt das ab: There is a goal with this name.");
});

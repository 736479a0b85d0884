import { expect, test } from "vitest";
import { harmless, isolated } from "../../src/format/isolated";
import { isolating } from "../../src/texts/isolating";

const OVERRIDE = "\u202e";
const ARABIC = "شراء ناجح";

test("plain names are as they were", () => {
  for (const name of ["page_view", "Łódź", "日本語", "👩‍💻", ""]) {
    expect(isolated(name)).toBe(name);
    expect(harmless(name)).toBe(name);
  }
});

test("a name from right to left keeps its letters, and is set apart from the sentence", () => {
  expect(isolated(ARABIC)).toBe(`\u2068${ARABIC}\u2069`);
  expect(isolated(`\u2067${ARABIC}\u2069`)).toBe(`\u2068\u2067${ARABIC}\u2069\u2069`);
});

test("a name cannot end what sets it apart, nor turn around what follows", () => {
  expect(isolated(`invoice${OVERRIDE}fdp.exe`)).toBe("\u2068invoicefdp.exe\u2069");
  expect(isolated(`a\u2069${OVERRIDE}b`)).toBe("\u2068ab\u2069");
  expect(harmless("a\u2067b")).toBe("ab");
  expect(harmless("\u2069a\u2066")).toBe("a");
  expect(harmless("\u2067a\u2069\u202a")).toBe("\u2067a\u2069");
});

test("every sentence of a catalogue sets apart what is put into it, at any depth", () => {
  const texts = isolating({
    title: "Goals",
    page: { deleted: (name: string, count: number) => `Goal “${name}” deleted, ${count} left`, names: (all: string[]) => all.join(", ") },
    list: [(name: string) => `Open ${name}`],
  });
  expect(texts.title).toBe("Goals");
  expect(texts.page.deleted("Sign-up", 2)).toBe("Goal “Sign-up” deleted, 2 left");
  expect(texts.page.deleted(`Sign${OVERRIDE}up`, 2)).toBe("Goal “\u2068Signup\u2069” deleted, 2 left");
  expect(texts.page.names(["a", ARABIC])).toBe(`a, \u2068${ARABIC}\u2069`);
  expect(texts.list.map((open) => open(ARABIC))).toEqual([`Open \u2068${ARABIC}\u2069`]);
});

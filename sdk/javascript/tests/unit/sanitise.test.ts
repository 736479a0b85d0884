import { describe, expect, it } from "vitest";
import { sanitise } from "../../src/sanitise.js";

describe("sanitise", () => {
  it("leaves plain JSON as it is", () => {
    const plain = { text: "ü 🙂", number: -1.5, yes: true, none: null, list: [1, { deep: ["x"] }] };
    expect(sanitise(plain)).toEqual(plain);
  });

  it("writes what JSON lacks", () => {
    expect(
      sent({
        big: 9007199254740993n,
        date: new Date(0),
        error: new TypeError("odd"),
        infinite: Infinity,
        none: undefined,
        call: () => 1,
        symbol: Symbol("s"),
        list: [undefined, NaN],
        own: { toJSON: () => ({ kept: 1 }) },
      }),
    ).toEqual({
      big: "9007199254740993",
      date: "1970-01-01T00:00:00.000Z",
      error: "TypeError: odd",
      infinite: null,
      list: [null, null],
      own: { kept: 1 },
    });
  });

  it("cuts cycles, but not what merely occurs twice", () => {
    const shared = { a: 1 };
    const looped: Record<string, unknown> = { one: shared, two: shared };
    looped.again = [looped];
    expect(sanitise(looped)).toEqual({ one: { a: 1 }, two: { a: 1 }, again: ["[Circular]"] });
  });

  it("replaces what PostgreSQL cannot store", () => {
    expect(sanitise("a\0b\ud800c\udc00d🙂")).toBe("a\ufffdb\ufffdc\ufffdd🙂");
  });

  it.each([
    ["a long text", "€".repeat(1_000_000)],
    ["many texts", Array.from({ length: 5_000 }, () => "€".repeat(500))],
    ["many numbers", Array.from({ length: 100_000 }, (_, n) => n)],
    ["many keys", Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key-${n}`, n]))],
    ["wide and deep", tree(6)],
  ])("keeps %s within what the server takes", (_name, value) => {
    const json = JSON.stringify(sanitise({ value, after: 1 }));
    expect(new TextEncoder().encode(json).length).toBeLessThan(32 * 1024);
  });

  it("ends in bottomless objects", () => {
    interface Deep { next?: Deep; toJSON?: () => Deep }
    const bottomless = (): Deep => ({ toJSON: () => ({ next: bottomless() }) });
    expect(JSON.stringify(sanitise(bottomless()))).toContain("[Too deep]");
  });
});

/** The value as the server reads it. */
function sent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(sanitise(value)));
}

function tree(depth: number): unknown {
  return depth ? Array.from({ length: 10 }, () => tree(depth - 1)) : "leaf";
}

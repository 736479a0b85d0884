import { expect, test } from "vitest";
import { initials, personName } from "../../src/format/personName";

const person = (distinct_ids: string[], properties: Record<string, unknown> = {}) => ({ person_id: 7, distinct_ids, properties });

test("a person is named by a property, else by an id that somebody chose", () => {
  expect(personName(person(["ada"], { email: "ada@reef.example", name: " Ada Lovelace " }))).toBe("Ada Lovelace");
  expect(personName(person(["ada"], { name: 12, email: "ada@reef.example" }))).toBe("ada@reef.example");
  expect(personName(person(["01890a5d-ac96-774b-bcce-b302099a8057", "ada"]))).toBe("ada");
  expect(personName(person(["01890a5d-ac96-774b-bcce-b302099a8057"]))).toBe("01890a5d-ac96-774b-bcce-b302099a8057");
  expect(personName(person([]))).toBe("User 7");
});

test("initials are whole letters, whatever the name", () => {
  expect(initials("Ada Lovelace")).toBe("AL");
  expect(initials("ada@reef.example")).toBe("A");
  expect(initials("👩‍👩‍👧 x")).toBe("👩‍👩‍👧X");
  expect(initials("עדה לבלייס")).toBe("על");
  expect(initials("@@@")).toBe("?");
});

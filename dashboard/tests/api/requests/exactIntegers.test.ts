import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { queryApi } from "../../../src/api/requests/client";
import { quoteLargeIntegers } from "../../../src/api/requests/exactIntegers";
import { server } from "../../support/server";

test("an integer above 2^53 that a client sent is not rounded", async () => {
  const body = '{"items": [{"properties": {"id": 9007199254740993, "list": [-12345678901234567890, 9007199254740991], "text": "\\"1234567890123456789"}}]}';
  server.use(http.get("*/api/events/", () => new HttpResponse(body, { headers: { "Content-Type": "application/json" } })));
  const { data } = await queryApi.GET("/api/events/", { params: { query: { project_id: 7 } } });
  expect(data?.items[0]?.properties).toEqual({
    id: "9007199254740993",
    list: ["-12345678901234567890", 9007199254740991],
    text: '"1234567890123456789',
  });
});

test("fractions, exponents and texts stay as they are", () => {
  const json = '{"a": 0.30000000000000004, "b": 1e21, "c": 12345678901234567.5, "d": "id 12345678901234567890, 1", "12345678901234567890": 1}';
  expect(quoteLargeIntegers(json)).toBe(json);
});

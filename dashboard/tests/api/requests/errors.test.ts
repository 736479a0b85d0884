import { expect, test } from "vitest";
import { ApiError, fieldError, formMessage, isTimeout, unwrap } from "../../../src/api/requests/errors";

/** The error of a response with this body. */
async function errorOf(status: number, body: unknown, headers = {}): Promise<unknown> {
  const response = new Response(JSON.stringify(body), { status, headers });
  return unwrap(Promise.resolve({ error: body, response })).catch((error: unknown) => error);
}

test("a form whose fields show their errors themselves only refers to them", async () => {
  const error = await errorOf(422, { code: "invalid_fields", message: "Some fields are invalid.", errors: { json: { name: ["Too long."] } } });
  expect(formMessage(error, ["name"])).toBe("Check the marked fields.");
  expect(formMessage(error, [])).toBe("The server refused this request. name: Too long.");
  expect(fieldError(error, "name")).toBe("Too long.");
});

test("without a form, the reason of a refusal is said with the name of its field, and an error without fields keeps its message", async () => {
  const message = "Some fields of the request are invalid. Correct the fields that errors names.";
  const unknown = await errorOf(422, { code: "invalid_fields", message, errors: { query: { weighted: ["Unknown field."] } } });
  expect(formMessage(unknown, [])).toBe("The server refused this request. weighted: Unknown field.");
  const whole = await errorOf(422, { code: "invalid_fields", message: "The body is no object.", errors: {} });
  expect(formMessage(whole, [])).toBe("The body is no object.");
});

test("an error with another code keeps its message above the fields", async () => {
  const error = await errorOf(409, { code: "conflict", message: "Somebody else changed this.", errors: { name: ["Taken."] } });
  expect(formMessage(error, ["name"])).toBe("Somebody else changed this.");
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 409, code: "conflict" });
});

test("entries of a list are numbered from 1", async () => {
  const error = await errorOf(422, { code: "invalid_fields", errors: { "origins.2": ["Not an origin."] } });
  expect(fieldError(error, "origins")).toBe("Entry 3: Not an origin.");
});

test("a request without an answer in time says so, and is not sent again by itself", async () => {
  const error = await unwrap(Promise.reject(new DOMException("", "TimeoutError"))).catch((error: unknown) => error);
  expect(error).toMatchObject({ message: expect.stringContaining("did not answer in time") as string });
  expect(isTimeout(error)).toBe(true);
});

import { HttpResponse } from "msw";
import type { ErrorCode } from "../../../src/api/requests/client";

/** A response as every service sends it when it refuses a request. */
export function refusal(status: number, message: string, code: ErrorCode = "forbidden") {
  return HttpResponse.json({ code, status: "", message, errors: {}, request_id: "request-1" }, { status });
}

/** A response to a request with invalid fields. */
export function fieldRefusal(fields: Record<string, string[]>, status = 422, code: ErrorCode = "invalid_fields") {
  const body = { code, status: "", message: "Some fields are invalid; see errors.", errors: { json: fields }, request_id: "request-1" };
  return HttpResponse.json(body, { status });
}

import { HttpResponse } from "msw";

/** A response as every service sends it when it refuses a request. */
export function refusal(status: number, message: string, code = "refused") {
  return HttpResponse.json({ code, status: "", message, errors: {}, request_id: "request-1" }, { status });
}

/** A response to a request with invalid fields. */
export function fieldRefusal(fields: Record<string, string[]>, status = 422) {
  const body = { code: "invalid_fields", status: "", message: "Some fields are invalid; see errors.", errors: { json: fields }, request_id: "request-1" };
  return HttpResponse.json(body, { status });
}

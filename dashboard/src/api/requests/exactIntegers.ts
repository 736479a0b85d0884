/** A text or a number of JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Turn integers that JavaScript would round into texts, so that an id of 17 digits is shown as it was sent.
 *
 * Only values that clients sent can be so large: every figure of the API is smaller, or written with a decimal point or exponent.
 */
export function quoteLargeIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(TOKENS, (token) => (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token));
}

/** Return a response whose JSON has no integers that JavaScript would round. */
export async function withExactIntegers(response: Response): Promise<Response> {
  // Chromium gives a 204 a body, of which no response can be made anew.
  if (response.status === 204 || !response.body || !response.headers.get("content-type")?.startsWith("application/json")) return response;
  const { status, statusText, headers } = response;
  return new Response(quoteLargeIntegers(await response.text()), { status, statusText, headers });
}

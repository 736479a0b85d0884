/**
 * Ask for a feature flag, and report which value this visitor was given.
 *
 * @import { Connection } from "./connection.js"
 */

import { sdk } from "./connection.js";

/**
 * @param {string} key  Of the flag.
 * @param {Connection} connection
 * @returns {Promise<unknown>}  `undefined` where the flag does not exist or cannot be asked for.
 */
export async function flagValue(key, connection) {
  const publicKey = await connection.publicKey;
  const distinctId = sdk()?.distinctId();
  if (!publicKey || !distinctId) return undefined;
  try {
    const response = await fetch(
      `/api/v1/analytics/public/feature-flags/for_user/?distinct_id=${encodeURIComponent(distinctId)}`,
      { headers: { "X-API-Key": publicKey } },
    );
    if (!response.ok) return undefined;
    /** @type {unknown} */
    const answer = await response.json();
    const { flags } = /** @type {{ flags: Record<string, unknown> }} */ (answer);
    const value = flags[key];
    if (value === undefined) return undefined;
    // What an experiment counts: who was given which variant.
    connection.report("$feature_flag_called", { $feature_flag: key, $feature_flag_response: value });
    return value;
  } catch {
    return undefined;
  }
}

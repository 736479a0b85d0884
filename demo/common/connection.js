/**
 * Connects a demo with Tidemark: finds the project's public key and starts the SDK with it.
 *
 * @typedef {(name: string, properties?: object) => void} Report  Records one event; does nothing without the SDK.
 * @typedef {object} Connection
 * @property {Report} report
 * @property {Promise<string>} problem  What the player should know; empty when all is well.
 */

/** @returns {import("../../sdk/javascript/src/tidemark.js").Tidemark | undefined} */
export function sdk() {
  // A content blocker may have stopped the script; a demo works without it.
  return /** @type {Partial<Window>} */ (window).tidemark;
}

/**
 * @param {string} source  Which app the events come from.
 * @returns {Connection}
 */
export function connect(source) {
  return {
    // Before the key is known the SDK itself keeps the calls.
    report: (name, properties) => {
      sdk()?.event(name, properties);
    },
    problem: start(source),
  };
}

/** @param {string} source */
async function start(source) {
  const tidemark = sdk();
  if (!tidemark) return "No events are sent: the SDK did not load. A content blocker may have stopped it.";
  const project = new URLSearchParams(location.search).get("key") ?? (await configuredKey());
  if (!project) return "No events are sent yet. Add ?key=… with a project's public key to the address.";
  if (project.startsWith("sk_")) return "That is a secret key. Use the project's public key, pk_…, here.";
  tidemark.init({ project, source });
  return "";
}

/** The key that a local installation names for its demos; empty when there is none. */
async function configuredKey() {
  try {
    const response = await fetch("/demo/config.json");
    if (!response.ok) return "";
    /** @type {unknown} */
    const answer = await response.json();
    const key = /** @type {{ public_key?: unknown } | null} */ (answer)?.public_key;
    return typeof key === "string" ? key : "";
  } catch {
    return "";
  }
}

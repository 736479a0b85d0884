/**
 * Connects a demo with Tidemark: finds the project's public key and starts the SDK with it.
 *
 * @typedef {(name: string, properties?: object) => void} Report  Records one event; does nothing without the SDK.
 * @typedef {object} Connection
 * @property {Report} report
 * @property {Promise<string>} problem  What the player should know; empty when all is well.
 * @property {Promise<string>} publicKey  The project's key, once the SDK was started with it; empty without one.
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
  const started = start(source);
  return {
    // Before the key is known the SDK itself keeps the calls.
    report: (name, properties) => {
      sdk()?.event(name, properties);
    },
    problem: started.then(({ problem }) => problem),
    publicKey: started.then(({ publicKey }) => publicKey),
  };
}

/**
 * @param {string} source
 * @returns {Promise<{ problem: string, publicKey: string }>}
 */
async function start(source) {
  const tidemark = sdk();
  if (!tidemark) return failed("No events are sent: the SDK did not load. A content blocker may have stopped it.");
  const project = new URLSearchParams(location.search).get("key") ?? (await configuredKey());
  if (!project) return failed("No events are sent yet. Add ?key=… with a project's public key to the address.");
  if (project.startsWith("sk_")) return failed("That is a secret key. Use the project's public key, pk_…, here.");
  tidemark.init({ project, source });
  return { problem: "", publicKey: project };
}

/** @param {string} problem */
function failed(problem) {
  return { problem, publicKey: "" };
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

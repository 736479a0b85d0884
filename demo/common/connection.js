/**
 * Connects a demo with Tidemark: finds the project's public key and starts the SDK with it.
 *
 * @import { ModuleName } from "../../sdk/javascript/src/modules.js"
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
 * @param {ModuleName[]} [modules]  Of the SDK, to load and start.
 * @returns {Connection}
 */
export function connect(source, modules = []) {
  const started = start(source, modules);
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
 * @param {ModuleName[]} modules
 * @returns {Promise<{ problem: string, publicKey: string }>}
 */
async function start(source, modules) {
  const tidemark = sdk();
  if (!tidemark) return failed("No events are sent: the SDK did not load. A content blocker may have stopped it.");
  const project = new URLSearchParams(location.search).get("key") ?? (await configuration()).publicKey;
  if (!project) return failed("No events are sent yet. Add ?key=… with a project's public key to the address.");
  if (project.startsWith("sk_")) return failed("That is a secret key. Use the project's public key, pk_…, here.");
  tidemark.init({ project, source, modules });
  return { problem: "", publicKey: project };
}

/** @param {string} problem */
function failed(problem) {
  return { problem, publicKey: "" };
}

/** @type {Promise<{ publicKey: string, dashboard: string }> | undefined} */
let configured;

/** What the installation says to its demos: their key, and the address of its dashboard; empty where it says nothing. */
export function configuration() {
  configured ??= readConfiguration();
  return configured;
}

async function readConfiguration() {
  try {
    const response = await fetch("/demo/config.json");
    if (response.ok) {
      /** @type {unknown} */
      const answer = await response.json();
      const { public_key: publicKey, dashboard } = /** @type {{ public_key?: unknown, dashboard?: unknown }} */ (answer);
      return { publicKey: textOf(publicKey), dashboard: textOf(dashboard) };
    }
  } catch {
    // Without an answer there is no key.
  }
  return { publicKey: "", dashboard: "" };
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

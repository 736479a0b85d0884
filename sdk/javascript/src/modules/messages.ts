/* eslint-disable no-console -- the console is where the page's developer looks; visitors see nothing */
/** What the SDK says to the page's developer. A module of its own, because most pages never need a word of it. */
import type { Answer } from "../request.js";
import { sanitise } from "../sanitise.js";

type Body = Answer["body"];

type Say = (...details: never[]) => string;

/** Wrong calls, which were ignored. */
const ERRORS = {
  "event-name": (name: unknown) => `event() needs a name of 1 to 100 characters, not ${quoted(name)}`,
  "user-id": (method: string, id: unknown) => `${method}() needs the id of one user, not ${quoted(id)}`,
  "group-key": (type: unknown, key: unknown) => `group() needs a type and a key, not ${quoted([type, key])}`,
  "no-project": () => "project is missing: give the public key (pk_…) of the project's settings",
  "secret-project": () => "project is a secret key: use the public one (pk_…), and rotate this one",
  failed: (error: unknown) => String(error),
} satisfies Record<string, Say>;

/** Events that did not arrive, or not yet. */
const WARNINGS = {
  "init-again": () => "init() was called again, and ignored",
  "no-module": (name: string, error: unknown) => `module ${name} did not load: ${String(error)}`,
  lost: (count: number) => `${count} event(s) lost: more than 10000 waited`,
  waiting: (count: number, status: number, body: Body) => `${count} event(s) wait for a minute (${answer(status, body)})`,
  refused: (count: number, status: number, body: Body) => `${count} event(s) refused: ${answer(status, body)}`,
} satisfies Record<string, Say>;

export type MessageName = keyof typeof ERRORS | keyof typeof WARNINGS;

/** Write a message to the console. */
export function write(name: MessageName, ...details: unknown[]): void {
  const isError = name in ERRORS;
  const say = { ...ERRORS, ...WARNINGS }[name] as (...given: unknown[]) => string;
  console[isError ? "error" : "warn"]("[tidemark] " + say(...details));
}

function quoted(given: unknown): string {
  return JSON.stringify(sanitise(given));
}

function answer(status: number, { message, results = [] }: Body): string {
  if (status === 413) return "too large";
  const reasons = results.filter((result) => result.status === "dropped").map((result) => result.message ?? result.reason);
  if (reasons.length) return [...new Set(reasons)].join(" ");
  return status ? `HTTP ${status}${message ? ": " + message : ""}` : "no answer";
}

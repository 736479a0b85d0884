import { createClient, type Methods, type Properties, type Stats } from "./client.js";
import { logError, logWarning } from "./console.js";
import type { Load } from "./modules.js";
import { optionsOfScript, resolveOptions, type Options, type Persistence } from "./options.js";

export type { Methods, Options, Persistence, Properties, Stats };

/** A call recorded before the SDK had loaded: the method's name and its arguments. */
export type Call = [method: string, ...args: unknown[]];

/** `window.tidemark`, and what the module exports. */
export interface Tidemark extends Methods {
  /** Start recording, and run the calls that were made before. A second `init` is ignored. */
  init(options: Options): void;
  /** Call methods by name, as the loading snippet's stub does. */
  push(...calls: Call[]): void;
}

declare global {
  interface Window {
    /** Before the SDK has loaded: an array that collects calls. */
    tidemark: Tidemark;
    /** The same object under a second name. */
    tracker: Tidemark;
  }
}

/** The methods that return nothing. */
type Commands = Omit<Methods, "flush" | "stats" | "load" | "distinctId">;

const COMMANDS = ["event", "page", "identify", "group", "register", "reset", "optOut", "optIn", "setEnabled"] as const;
const MAX_EARLY_CALLS = 200;

/** Create a Tidemark that waits for `init`. None of its methods throws into the host page. */
export function createTidemark(load: Load): Tidemark {
  let client: Methods | undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const earlyCalls: (() => void)[] = [];

  function guard<Result>(action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      logError(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Wrap a method for the host page: it may be called at any time and never throws. */
  function method<Name extends keyof Commands>(name: Name): Commands[Name] {
    return (...args: unknown[]): void => {
      const call = (): void => {
        guard(() => {
          Reflect.apply((client as Methods)[name], null, args);
        });
      };
      if (client) call();
      else if (earlyCalls.length < MAX_EARLY_CALLS) earlyCalls.push(call);
    };
  }

  const tidemark: Tidemark = {
    init(options) {
      guard(() => {
        if (client) {
          logWarning("init() was called again, and ignored");
          return;
        }
        client = createClient(resolveOptions(options, load));
        for (const call of earlyCalls.splice(0)) call();
        begin();
      });
    },
    push(...calls) {
      for (const [name, ...args] of calls) {
        guard(() => {
          const called: unknown = Reflect.get(tidemark, name);
          if (typeof called === "function") Reflect.apply(called, tidemark, args);
        });
      }
    },
    ...(Object.fromEntries(COMMANDS.map((name) => [name, method(name)])) as unknown as Commands),
    load: (name) => begun.then(() => (client as Methods).load(name)),
    flush: () => guard(() => client?.flush()) ?? Promise.resolve(),
    stats: () => guard(() => client?.stats()) ?? { sent: 0, waiting: earlyCalls.length, refused: 0, lost: 0 },
    distinctId: () => guard(() => client?.distinctId()) ?? "",
  };
  return tidemark;
}

/**
 * Put a Tidemark on `window`, run the calls that the loading snippet has collected, and start it when
 * the script tag names a project.
 */
export function install(script: HTMLScriptElement | null, load: Load): void {
  const collected = window.tidemark as unknown;
  // The SDK was included twice: the first one stays, with what it has not sent yet.
  if (collected && !Array.isArray(collected)) return;
  const tidemark = createTidemark(load);
  window.tidemark = tidemark;
  window.tracker = tidemark;
  // An `init` in the snippet comes before what the tag says.
  if (Array.isArray(collected)) tidemark.push(...(collected as Call[]));
  const options = optionsOfScript(script);
  if (options) tidemark.init(options as Options);
}


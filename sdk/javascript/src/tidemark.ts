import { createClient, type Methods, type Properties } from "./client.js";
import type { Stats } from "./delivery.js";
import type { Load, Tell } from "./modules.js";
import { resolveOptions, type Options, type Persistence, type Settings } from "./options.js";

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

const COMMANDS = ["event", "page", "identify", "alias", "group", "register", "reset", "optOut", "optIn", "setEnabled"] as const;
const MAX_EARLY_CALLS = 200;

/** Create a Tidemark that waits for `init`. None of its methods throws into the host page. */
export function createTidemark(load: Load): Tidemark {
  let client: Methods | undefined;
  let isStarted = false;
  const earlyCalls: ((client: Methods) => void)[] = [];

  const tell: Tell = (name, ...details) => {
    load("messages").then(({ write }) => {
      write(name, ...details);
    }).catch(() => {
      // eslint-disable-next-line no-console -- better than silence
      console.warn("[tidemark]", name, ...details);
    });
  };

  function guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      tell("failed", error);
    }
  }

  /** Call now, or when the client has started. */
  function whenStarted(call: (client: Methods) => void): void {
    if (client) call(client);
    else if (earlyCalls.length < MAX_EARLY_CALLS) earlyCalls.push(call);
  }

  /** Wrap a method for the host page: it may be called at any time and never throws. */
  function method<Name extends keyof Commands>(name: Name): Commands[Name] {
    return (...args: unknown[]): void => {
      whenStarted((started) => {
        guard(() => {
          (started[name] as (...given: unknown[]) => void)(...args);
        });
      });
    };
  }

  function begin(settings: Settings): void {
    // Nobody has seen a page that the browser only prepares for a visit: it begins when it is shown.
    if ((document as { prerendering?: boolean }).prerendering) {
      document.addEventListener("prerenderingchange", () => {
        begin(settings);
      }, { once: true });
      return;
    }
    guard(() => {
      client = createClient(settings);
      for (const call of earlyCalls.splice(0)) call(client);
    });
  }

  const tidemark: Tidemark = {
    init(options) {
      guard(() => {
        const settings = resolveOptions(load, tell, options);
        if (isStarted) tell("init-again");
        else if (!settings.project) tell("no-project");
        else if (settings.project.startsWith("sk_")) tell("secret-project");
        else {
          isStarted = true;
          begin(settings);
        }
      });
    },
    push(...calls) {
      for (const [name, ...args] of calls) {
        guard(() => {
          (tidemark as unknown as Record<string, ((...given: unknown[]) => void) | undefined>)[name]?.(...args);
        });
      }
    },
    ...(Object.fromEntries(COMMANDS.map((name) => [name, method(name)])) as unknown as Commands),
    load: (name) =>
      new Promise((resolve) => {
        whenStarted((started) => {
          resolve(started.load(name));
        });
      }),
    flush: async () => client?.flush(),
    stats: () => client?.stats() ?? { sent: 0, waiting: earlyCalls.length, refused: 0, lost: 0 },
    distinctId: () => client?.distinctId() ?? "",
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
  const data = script?.dataset ?? {};
  if (script && data.project) tidemark.init(Object.assign({ apiUrl: new URL(script.src, location.href).origin }, data) as unknown as Options);
}


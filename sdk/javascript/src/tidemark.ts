import { createClient, type Methods, type Properties, type Stats } from "./client.js";
import { complain, warn } from "./console.js";
import { optionsOfScript, settle, type Options, type Persistence } from "./options.js";

export type { Methods, Options, Persistence, Properties, Stats };

/** A call noted before the SDK was there: the method's name and its arguments. */
export type Call = [method: string, ...args: unknown[]];

/** `window.tidemark`, and what the module exports. */
export interface Tidemark extends Methods {
  /** Starts recording. Calls made before are carried out now. A second `init` is ignored. */
  init(options: Options): void;
  /** Makes a call by name, as the stub of the loading snippet does. */
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

/** The methods that answer nothing. */
type Commands = Omit<Methods, "flush" | "stats">;

const MOST_CALLS_BEFORE_INIT = 200;

/** A Tidemark that waits for `init`. None of its methods throws into the host page. */
export function createTidemark(): Tidemark {
  let client: Methods | undefined;
  const early: (() => void)[] = [];

  function guard<Result>(action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** The method as the host sees it: it may be called at any time and never throws. */
  function method<Name extends keyof Commands>(name: Name): Commands[Name] {
    return (...args: unknown[]): void => {
      const call = (): void => {
        guard(() => {
          Reflect.apply((client as Methods)[name], null, args);
        });
      };
      if (client) call();
      else if (early.length < MOST_CALLS_BEFORE_INIT) early.push(call);
    };
  }

  const tidemark: Tidemark = {
    init(options) {
      guard(() => {
        if (client) {
          warn("init() was called twice; the first one stays in force.");
          return;
        }
        client = createClient(settle(options));
        for (const call of early.splice(0)) call();
      });
    },
    push(...calls) {
      for (const [name, ...args] of calls) {
        guard(() => {
          (tidemark as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.(...args);
        });
      }
    },
    event: method("event"),
    page: method("page"),
    identify: method("identify"),
    group: method("group"),
    register: method("register"),
    reset: method("reset"),
    optOut: method("optOut"),
    optIn: method("optIn"),
    setEnabled: method("setEnabled"),
    flush: () => guard(() => client?.flush()) ?? Promise.resolve(),
    stats: () => guard(() => client?.stats()) ?? { sent: 0, waiting: early.length, refused: 0, lost: 0 },
  };
  return tidemark;
}

/**
 * Puts a Tidemark on `window`, carries out the calls the loading snippet has collected, and starts
 * it when the script tag names a project.
 */
export function install(script: HTMLScriptElement | null): void {
  const collected = window.tidemark as unknown;
  // The SDK was included twice: the first one stays, with what it has not sent yet.
  if (collected && !Array.isArray(collected)) return;
  const tidemark = createTidemark();
  window.tidemark = tidemark;
  window.tracker = tidemark;
  // An `init` in the snippet comes before what the tag says.
  if (Array.isArray(collected)) tidemark.push(...(collected as Call[]));
  const options = optionsOfScript(script);
  if (options) tidemark.init(options);
}


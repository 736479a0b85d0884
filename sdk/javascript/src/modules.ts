/** Parts of the SDK that are files of their own and loaded only when they are needed. */
import type * as autocapture from "./modules/autocapture.js";
import type * as engagement from "./modules/engagement.js";
import type * as flags from "./modules/flags.js";
import type * as forms from "./modules/forms.js";
import type * as journal from "./modules/journal.js";
import type * as links from "./modules/links.js";
import type * as messages from "./modules/messages.js";
import type * as routes from "./modules/routes.js";
import type * as vitals from "./modules/vitals.js";
import type { Settings } from "./options.js";
import type { Outbox, TrackedEvent } from "./outbox.js";
import type { Store } from "./storage.js";

/** The file of each module. */
export interface Modules {
  autocapture: typeof autocapture;
  engagement: typeof engagement;
  flags: typeof flags;
  forms: typeof forms;
  journal: typeof journal;
  links: typeof links;
  messages: typeof messages;
  routes: typeof routes;
  vitals: typeof vitals;
}

/** Modules that start; the messages are only read. */
export type StartedName = Exclude<keyof Modules, "messages">;

/** Modules that a page may start; the others start by themselves. */
export type ModuleName = Exclude<StartedName, "journal" | "routes">;

/** What a started module offers to the page. */
export type Started<Name extends StartedName> = Awaited<ReturnType<Modules[Name]["start"]>>;

/** Loads the file of a module. */
export type Load = <Name extends keyof Modules>(name: Name) => Promise<Modules[Name]>;

/** Writes a message for the page's developer to the console; visitors see nothing, and the page continues to work. */
export type Tell = (name: messages.MessageName, ...details: unknown[]) => void;

/** What the SDK offers to its modules. */
export interface Host {
  settings: Settings;
  /** The page's address as recording began. */
  firstAddress: string;
  /** Of the visitor's ids and unsent events. */
  store: Store;
  outbox: Outbox;
  record(name: string, properties: object): void;
  /** Properties of every following event. */
  common: Record<string, unknown>;
  /** Another route of the page is shown; `previous` is the address of the one before. */
  onRoute(previous: string): void;
  distinctId(): string;
  flush(): Promise<void>;
  /** Queue events that an ended page has left. */
  take(events: readonly TrackedEvent[]): void;
  /** Whether events that ended pages have left are sent; otherwise they are deleted. */
  mayKeep(): boolean;
}

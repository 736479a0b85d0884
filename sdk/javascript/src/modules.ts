/** Parts of the SDK that are files of their own and loaded only when they are needed. */
import type { Sending } from "./delivery.js";
import type * as autocapture from "./modules/autocapture.js";
import type * as delivery from "./modules/delivery.js";
import type * as engagement from "./modules/engagement.js";
import type * as flags from "./modules/flags.js";
import type * as forms from "./modules/forms.js";
import type * as links from "./modules/links.js";
import type * as messages from "./modules/messages.js";
import type * as vitals from "./modules/vitals.js";
import type { Settings } from "./options.js";
import type { Outbox } from "./outbox.js";
import type { Store } from "./storage.js";

/** The file of each module. */
export interface Modules {
  autocapture: typeof autocapture;
  delivery: typeof delivery;
  engagement: typeof engagement;
  flags: typeof flags;
  forms: typeof forms;
  links: typeof links;
  messages: typeof messages;
  vitals: typeof vitals;
}

/** Modules that start; the messages are only read. */
export type StartedName = Exclude<keyof Modules, "messages">;

/** Modules that a page may start; the delivery starts by itself. */
export type ModuleName = Exclude<StartedName, "delivery">;

/** What a started module offers to the page. */
export type Started<Name extends StartedName> = Awaited<ReturnType<Modules[Name]["start"]>>;

/** Loads the file of a module. */
export type Load = <Name extends keyof Modules>(name: Name) => Promise<Modules[Name]>;

/** Writes a message for the page's developer to the console; visitors see nothing, and the page continues to work. */
export type Tell = (name: messages.MessageName, ...details: unknown[]) => void;

/** What the SDK offers to its modules. */
export interface Host {
  settings: Settings;
  /** Of the visitor's ids and unsent events. */
  store: Store;
  outbox: Outbox;
  sending: Sending;
  record(name: string, properties: object): void;
  /** Properties of every following event. */
  common: Record<string, unknown>;
  distinctId(): string;
  /** Whether events that ended pages have left are sent; otherwise they are deleted. */
  mayKeep(): boolean;
}

/** Parts of the SDK that are files of their own and loaded only when they are asked for. */
import type * as autocapture from "./modules/autocapture.js";
import type * as engagement from "./modules/engagement.js";
import type * as flags from "./modules/flags.js";
import type * as forms from "./modules/forms.js";
import type * as journal from "./modules/journal.js";
import type * as links from "./modules/links.js";
import type * as vitals from "./modules/vitals.js";
import type { Settings } from "./options.js";

/** The file of each module. */
export interface Modules {
  autocapture: typeof autocapture;
  engagement: typeof engagement;
  flags: typeof flags;
  forms: typeof forms;
  journal: typeof journal;
  links: typeof links;
  vitals: typeof vitals;
}

/** Modules that a page may start; the journal starts by itself. */
export type ModuleName = Exclude<keyof Modules, "journal">;

/** What a started module offers to the page. */
export type Started<Name extends ModuleName> = Awaited<ReturnType<Modules[Name]["start"]>>;

/** Loads the file of a module. */
export type Load = <Name extends keyof Modules>(name: Name) => Promise<Modules[Name]>;

/** What the SDK offers to its modules. */
export interface Host {
  settings: Settings;
  record(name: string, properties: object): void;
  distinctId(): string;
  flush(): Promise<void>;
}

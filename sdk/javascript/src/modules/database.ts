import type { QueuedEvent } from "../outbox.js";

/** Events in IndexedDB, by the key of their page and in the order in which they were added. */
export interface Database {
  /** Connect, and write what was added before. */
  open(): void;
  add(events: readonly QueuedEvent[]): void;
  remove(events: readonly QueuedEvent[]): void;
  /** Return the JSON of a page's events, oldest first. */
  read(page: string): Promise<string[]>;
  /** Delete a page's events, together with what was added just before. */
  clear(page: string): void;
  /** Return the keys of all pages with events. */
  pages(): Promise<string[]>;
  /** Whether what is added will be written in a moment. */
  isWorking(): boolean;
  /** Whether all that was added is written. */
  isWritten(): boolean;
  /** Begin to write what waits, and close the connection: an open one may keep the page out of the back/forward cache. */
  close(): void;
}

const EVENTS = "events";

/** Delete the events of all pages. */
export function deleteDatabase(name: string): void {
  try {
    indexedDB.deleteDatabase(name);
  } catch {
    // Blocked storage holds nothing.
  }
}

/** Open a project's database. Where IndexedDB is blocked or full, nothing counts as written, and nothing throws. */
export function createDatabase(name: string, ownPage: string): Database {
  const numbers = new Map<string, number>();
  let connection: IDBDatabase | undefined;
  let connected: Promise<IDBDatabase | undefined> = Promise.resolve(undefined);
  let changes: ((events: IDBObjectStore) => void)[] = [];
  let writing = 0;
  let failed = false;
  let last = 0;

  function change(apply: (events: IDBObjectStore) => void): void {
    changes.push(apply);
    // All of one turn in one transaction.
    if (changes.length === 1) void connected.then(write);
  }

  function write(): void {
    if (!connection || !changes.length) return;
    const applied = changes;
    changes = [];
    try {
      const transaction = connection.transaction(EVENTS, "readwrite", { durability: "relaxed" });
      writing += 1;
      transaction.oncomplete = () => {
        writing -= 1;
      };
      transaction.onabort = () => {
        writing -= 1;
        failed = true;
      };
      const events = transaction.objectStore(EVENTS);
      for (const apply of applied) apply(events);
    } catch {
      failed = true;
    }
  }

  async function ask<Result>(question: (events: IDBObjectStore) => IDBRequest<Result>): Promise<Result | undefined> {
    const opened = await connected;
    try {
      return opened && (await resultOf(question(opened.transaction(EVENTS).objectStore(EVENTS))));
    } catch {
      return undefined;
    }
  }

  return {
    open() {
      const opening = connect(name).catch(() => undefined);
      connected = opening;
      void opening.then((opened) => {
        if (connected !== opening) opened?.close();
        else connection = opened;
        write();
      });
    },
    add(events) {
      for (const { id, json } of events) {
        const number = ++last;
        numbers.set(id, number);
        change((all) => all.put(json, [ownPage, number]));
      }
    },
    remove(events) {
      for (const { id } of events) {
        const number = numbers.get(id);
        if (number === undefined) continue;
        numbers.delete(id);
        change((all) => all.delete([ownPage, number]));
      }
    },
    async read(page) {
      return ((await ask((all) => all.getAll(rangeOf(page)))) ?? []).filter((text) => typeof text === "string");
    },
    clear(page) {
      change((all) => all.delete(rangeOf(page)));
    },
    async pages() {
      const keys = (await ask((all) => all.getAllKeys())) ?? [];
      return [...new Set(keys.map((key) => (key as [string, number])[0]))];
    },
    isWorking: () => !!connection && !failed,
    isWritten: () => !!connection && !failed && !writing && !changes.length,
    close() {
      write();
      connection?.close();
      connection = undefined;
      connected = Promise.resolve(undefined);
    },
  };
}

async function connect(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(EVENTS);
  };
  const opened = await resultOf(request);
  // Another page deletes the events: the visitor has opted out.
  opened.onversionchange = () => {
    opened.close();
  };
  return opened;
}

function rangeOf(page: string): IDBKeyRange {
  // An array is greater than every number (Indexed Database API, 2.4).
  return IDBKeyRange.bound([page], [page, []]);
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error("IndexedDB"));
    };
  });
}

/** React Native. Ids need `import "react-native-get-random-values"` at the app's entry. */
import { attempt } from "../attempt.js";
import { createClock, newId, userIdOf } from "../ids.js";
import type { TrackedEvent } from "../outbox.js";
import { fields } from "../sanitise.js";
import { createQueue, safely, type NativeOptions } from "./native_queue.js";

export type { AsyncStorage, NativeOptions } from "./native_queue.js";

/** Start recording: `createTidemark({ project: "pk_…", apiUrl: "…", storage: AsyncStorage, appState: AppState })`. */
export function createTidemark({ project, apiUrl, storage, appState }: NativeOptions) {
  const personKey = `tidemark:${project}:person`;
  const clock = createClock();
  const queue = createQueue(project, apiUrl, storage);
  let session = newId();
  let person = { visitor: newId(), user: "" };

  async function change(to: Partial<typeof person>): Promise<void> {
    person = { ...person, ...to };
    await safely(() => storage.setItem(personKey, JSON.stringify(person)));
  }
  function record(name: string, prepare: () => Promise<object> | object): void {
    const made = { event_id: newId(), event_name: name, timestamp: clock(), session_id: session, source: "react-native" };
    void queue.step(async () => {
      const properties = fields(await prepare());
      await queue.add({ ...made, distinct_id: person.user || person.visitor, properties } as TrackedEvent);
    });
  }
  void queue.step(async () => {
    const known = await safely(() => storage.getItem(personKey));
    await change(attempt(() => JSON.parse(known ?? "{}") as object) ?? {});
  });
  appState.addEventListener("change", (state) => state === "active" || void queue.flush());

  return {
    flush: queue.flush,
    /** Record an event. The name has 1 to 100 characters. */
    event(name: string, properties: object = {}): void {
      const safe = fields(properties);
      record(name, () => safe);
    },
    /** Identify the user. What they did before, anonymously, becomes theirs. Ids that would merge users are ignored. */
    identify(userId: string, traits: object = {}): void {
      const id = userIdOf(userId);
      const $set = fields(traits);
      if (id) record("$identify", async () => {
        const { user, visitor } = person;
        // Another user of the same device: the two must not become one person.
        await change({ user: id, visitor: user && user !== id ? newId() : visitor });
        return { $anon_distinct_id: user ? undefined : visitor, $set };
      });
    },
    /** Start a new anonymous visitor: call it when the user signs out. */
    reset(): void {
      session = newId();
      void queue.step(() => change({ visitor: newId(), user: "" }));
    },
  };
}

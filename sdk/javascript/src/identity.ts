import { newId } from "./ids";
import { openStore, type Persistence, type Store } from "./storage";

const ANONYMOUS = "tidemark.anonymous_id";
const USER = "tidemark.user_id";
const SESSION = "tidemark.session";

/** Who uses the page, and in which session; without cookies. */
export class Identity {
  private readonly person: Store;
  private readonly tab: Store;

  /** @param sessionTimeoutMs inactivity after which the next event begins a new session. */
  constructor(
    persistence: Persistence,
    private readonly sessionTimeoutMs: number,
    private readonly now: () => number = Date.now,
  ) {
    this.person = openStore(persistence);
    this.tab = openStore(persistence === "memory" ? "memory" : "sessionStorage");
  }

  /** The identified user's id, or the anonymous id of this browser. */
  distinctId(): string {
    return this.person.get(USER) ?? this.anonymousId();
  }

  anonymousId(): string {
    let id = this.person.get(ANONYMOUS);
    if (id === null) {
      id = newId();
      this.person.set(ANONYMOUS, id);
    }
    return id;
  }

  /** From now on events belong to this user. */
  become(userId: string): void {
    this.person.set(USER, userId);
  }

  /** The current session's id; using it keeps the session alive. */
  sessionId(): string {
    const now = this.now();
    const [id, last] = (this.tab.get(SESSION) ?? "").split("|");
    const alive = id !== undefined && id !== "" && now - Number(last) < this.sessionTimeoutMs;
    const current = alive ? id : newId(now);
    this.tab.set(SESSION, `${current}|${now}`);
    return current;
  }

  /** Somebody else sits down: a new anonymous person and a new session. */
  reset(): void {
    this.person.remove(USER);
    this.person.remove(ANONYMOUS);
    this.tab.remove(SESSION);
  }
}

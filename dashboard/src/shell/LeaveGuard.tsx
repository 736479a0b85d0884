import { lazy, Suspense, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { parsePath, UNSAFE_NavigationContext as NavigationContext, useLocation, type Navigator, type To } from "react-router";
import { watchBack } from "../components/forms/backGate";
import { UnsavedChangesContext } from "../components/forms/unsavedChanges";

const LeaveDialog = lazy(() => import("./LeaveDialog"));

type Place = Pick<Location, "pathname" | "search">;
/** Whether a page is held; null is a place that only the browser knows. */
type IsHeld = (from: Place, to: Partial<Place> | null, state: unknown) => boolean;
/** Asks, and then goes or stays. */
type Ask = (go: () => void) => void;

/** Asks before a page with unsaved changes is left: by a link, by Back, or by closing the tab. */
export function LeaveGuard({ children }: { children: ReactNode }) {
  const [holders] = useState(makeHolders);
  const [pending, setPending] = useState<(() => void) | null>(null);
  const location = useLocation();
  const ask = useCallback<Ask>((go) => { setPending(() => go); }, []);
  useTabWarning(holders.isEmpty);
  useGuardedBack(holders.isHeld, ask);
  const navigation = useContext(NavigationContext);
  const guarded = useMemo(
    () => ({ ...navigation, navigator: guard(navigation.navigator, location, holders.isHeld, ask) }),
    [navigation, location, holders, ask],
  );
  const stay = () => {
    setPending(null);
  };
  return (
    <UnsavedChangesContext value={holders}>
      <NavigationContext value={guarded}>{children}</NavigationContext>
      <Suspense>
        {pending === null ? null : (
          <LeaveDialog
            onStay={stay}
            onLeave={() => {
              stay();
              pending();
            }}
          />
        )}
      </Suspense>
    </UnsavedChangesContext>
  );
}

/** Who has unsaved changes. */
function makeHolders() {
  const holders = new Set<symbol>();
  const isHeld: IsHeld = (from, to, state) => holders.size > 0 && isLeaving(from, to, state);
  return {
    hold: () => {
      const holder = Symbol();
      holders.add(holder);
      return () => {
        holders.delete(holder);
      };
    },
    isEmpty: () => holders.size === 0,
    isHeld,
  };
}

function useTabWarning(isEmpty: () => boolean) {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!isEmpty()) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
    };
  }, [isEmpty]);
}

/** Return what links and pages navigate with; steps back and forth lead to places that only the browser knows. */
function guard(navigator: Navigator, from: Place, isHeld: IsHeld, ask: Ask): Navigator {
  const leave = (to: Partial<Place> | null, state: unknown, go: () => void) => {
    if (isHeld(from, to, state)) ask(go);
    else go();
  };
  return {
    ...navigator,
    createHref: (to) => navigator.createHref(to),
    push: (to, state, options) => {
      leave(placeOf(to), state, () => { navigator.push(to, state, options); });
    },
    replace: (to, state, options) => {
      leave(placeOf(to), state, () => { navigator.replace(to, state, options); });
    },
    go: (delta) => {
      leave(null, null, () => { navigator.go(delta); });
    },
  };
}

/**
 * Ask before the browser's Back and Forward. The browser has gone already when it says so, so it is sent back where it
 * was, unseen by the router. A router that can do this by itself is 18 kB larger, compressed (decision 53).
 */
function useGuardedBack(isHeld: IsHeld, ask: Ask) {
  const location = useLocation();
  const here = useRef<{ place: Place; index: number | null }>({ place: location, index: null });
  useLayoutEffect(() => {
    here.current = { place: location, index: indexIn(window.history.state) };
  }, [location]);
  useEffect(() => {
    let passing: "unseen" | "allowed" | null = null;
    const onPop = (event: PopStateEvent) => {
      const { place, index: from } = here.current;
      const [to, passed] = [indexIn(event.state), passing];
      passing = null;
      if (passed === "unseen") event.stopImmediatePropagation();
      if (passed !== null || from === null || to === null || from === to || !isHeld(place, window.location, null)) return;
      event.stopImmediatePropagation();
      passing = "unseen";
      window.history.go(from - to);
      ask(() => {
        passing = "allowed";
        window.history.go(to - from);
      });
    };
    return watchBack(onPop);
  }, [isHeld, ask]);
}

/** The router numbers the entries of the browser's history. */
function indexIn(state: unknown): number | null {
  return typeof state === "object" && state !== null && "idx" in state && typeof state.idx === "number" ? state.idx : null;
}

function placeOf(to: To): Partial<Place> {
  return typeof to === "string" ? parsePath(to) : to;
}

/** Filters and dates are changed in the address of the same page; another saved insight on it is another page. */
function isLeaving(from: Place, to: Partial<Place> | null, state: unknown): boolean {
  if (typeof state === "object" && state !== null && "keepsChanges" in state) return false;
  if (to === null) return true;
  return (to.pathname ?? from.pathname) !== from.pathname || savedIn(to.search ?? "") !== savedIn(from.search);
}

function savedIn(search: string): string | null {
  return new URLSearchParams(search).get("saved");
}

import { useEffect } from "react";
import type { Period } from "../api/requests/client";
import { dayIn } from "../format/time";
import { pageKey } from "./keyboard";
import { shiftRange } from "./shiftRange";
import type { Report } from "./useReport";

const PERIOD_KEYS: Partial<Record<string, Period>> = { d: "today", w: "7d", m: "30d", y: "12mo" };
const DIRECTIONS: Partial<Record<string, -1 | 1>> = { ArrowLeft: -1, ArrowRight: 1 };

/** What the arrows scroll, if it is wider than its place. */
const SCROLL_AREA = ".mantine-ScrollArea-viewport, [data-scrolls]";

interface ReportKeys {
  /** IANA name of the project's time zone. */
  zone: string;
  /** Missing where the page shows no filters. */
  openFilter: (() => void) | undefined;
  canCompare: boolean;
  /** Ask for the figures again. */
  refresh: () => void;
}

/** The keys of every report: D, W, M and Y choose the period, the arrows the one before or after, C compares, / filters, R refreshes. */
export function useReportKeys({ range, compare, set }: Report, { zone, openFilter, canCompare, refresh }: ReportKeys) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = pageKey(event);
      const period = PERIOD_KEYS[key];
      const direction = DIRECTIONS[key];
      if (period) set({ range: { period } });
      else if (direction) {
        if (isScrolledSideways(event.target)) return;
        const shifted = shiftRange(range, direction, dayIn(zone, new Date()));
        if (shifted) set({ range: shifted });
      } else if (key === "c" && canCompare) set({ compare: compare === "none" ? "previous_period" : "none" });
      else if (key === "r") refresh();
      else if (key === "/" && openFilter) {
        event.preventDefault();
        openFilter();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [range, compare, set, zone, openFilter, canCompare, refresh]);
}

/** Whether the arrows scroll what has the focus, or what is around it. */
function isScrolledSideways(focused: EventTarget | null) {
  const area = focused instanceof Element ? focused.closest(SCROLL_AREA) : null;
  return area !== null && area.scrollWidth > area.clientWidth;
}

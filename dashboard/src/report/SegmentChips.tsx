import { CloseButton } from "@mantine/core";
import { useSegments } from "../api/insights/segments";
import { t } from "../texts";
import classes from "./ReportBar.module.css";
import type { Report } from "./useReport";

/** The segments of a report: each can be removed. One that was deleted says so. */
export function SegmentChips({ projectId, report: { segments, set } }: { projectId: number; report: Report }) {
  const { data } = useSegments(projectId, segments.ids.length > 0);
  if (data === undefined) return null;
  return segments.ids.map((id) => {
    const found = data.find((one) => one.id === id);
    const name = found ? t.report.segment(found.name) : t.report.deletedSegment(id);
    return (
      <li key={id} className={classes.chip} data-gone={found === undefined}>
        <span className={classes.chipText} title={name}>
          {name}
        </span>
        <CloseButton
          size="sm"
          variant="transparent"
          aria-label={t.report.removeSegment(found?.name ?? String(id))}
          onClick={() => {
            set({ segments: { ...segments, ids: segments.ids.filter((one) => one !== id) } });
          }}
        />
      </li>
    );
  });
}

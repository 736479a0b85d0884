import { Button, CloseButton, UnstyledButton } from "@mantine/core";
import { t } from "../texts";
import { conditionName } from "./conditionName";
import { FilterPopover } from "./FilterPopover";
import classes from "./ReportBar.module.css";
import { SegmentChips } from "./SegmentChips";
import type { Report } from "./useReport";

/** The filters of a report: each can be edited and removed. */
export function FilterChips({ projectId, report }: { projectId: number; report: Report }) {
  const { filters, matchAll, segments, set } = report;
  if (filters.length === 0 && segments.ids.length === 0) return null;
  const replace = (index: number, ...conditions: typeof filters) => {
    set({ filters: filters.flatMap((one, at) => (at === index ? conditions : [one])) });
  };
  return (
    <ul className={classes.chips} aria-label={t.report.filters}>
      <SegmentChips projectId={projectId} report={report} />
      {filters.map((condition, index) => {
        const name = conditionName(condition);
        return (
          <li key={`${index} ${name}`} className={classes.chip}>
            <FilterPopover
              projectId={projectId}
              label={t.report.editFilter(name)}
              condition={condition}
              onApply={(changed) => {
                replace(index, changed);
              }}
              target={
                <UnstyledButton className={classes.chipText} title={name}>
                  {name}
                </UnstyledButton>
              }
            />
            <CloseButton
              size="sm"
              variant="transparent"
              aria-label={t.report.removeFilter(name)}
              onClick={() => {
                replace(index);
              }}
            />
          </li>
        );
      })}
      {filters.length > 1 ? (
        <li>
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              set({ matchAll: !matchAll });
            }}
          >
            {matchAll ? t.report.matchAll : t.report.matchAny}
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => {
              set({ filters: [] });
            }}
          >
            {t.report.clearFilters}
          </Button>
        </li>
      ) : null}
    </ul>
  );
}

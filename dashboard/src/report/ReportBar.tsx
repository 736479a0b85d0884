import { ActionIcon, Alert } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, type ReactNode } from "react";
import { queryKeys } from "../api/cache/queryKeys";
import type { Project } from "../api/requests/client";
import { t } from "../texts";
import { CompareMenu } from "./CompareMenu";
import { DateRange } from "./DateRange";
import { FilterChips } from "./FilterChips";
import { FilterPopover } from "./FilterPopover";
import { IntervalMenu } from "./IntervalMenu";
import classes from "./ReportBar.module.css";
import { SegmentMenu } from "./SegmentMenu";
import { useReport } from "./useReport";
import { useReportKeys } from "./useReportKeys";

interface ReportBarProps {
  project: Project;
  /** Without the choice of a comparison, or of an interval, or of filters, where the report has none. */
  hide?: readonly ("compare" | "interval" | "filters")[];
  /** Actions of the page, such as sharing it. */
  actions?: ReactNode;
}

/** What the report below is of: its filters, dates, comparison and interval. All of it is in the address. */
export function ReportBar({ project, hide = [], actions }: ReportBarProps) {
  const report = useReport();
  const { range, compare, interval, filters, set } = report;
  const filterButton = useRef<HTMLButtonElement>(null);
  const openFilter = useCallback(() => filterButton.current?.click(), []);
  const client = useQueryClient();
  const refresh = useCallback(() => {
    void client.invalidateQueries({ queryKey: queryKeys.project(project.id) });
  }, [client, project.id]);
  useReportKeys(report, {
    zone: project.timezone,
    openFilter: hide.includes("filters") ? undefined : openFilter,
    canCompare: !hide.includes("compare"),
    refresh,
  });
  return (
    <div className={classes.bar}>
      <div className={classes.controls} role="toolbar" aria-label={t.report.toolbar}>
        {hide.includes("filters") ? null : (
          <FilterPopover
            projectId={project.id}
            label={t.report.filter}
            buttonRef={filterButton}
            onApply={(condition) => {
              set({ filters: [...filters, condition] });
            }}
          />
        )}
        {hide.includes("filters") ? null : <SegmentMenu project={project} report={report} />}
        <DateRange
          range={range}
          zone={project.timezone}
          onChange={(chosen) => {
            set({ range: chosen });
          }}
        />
        {hide.includes("compare") ? null : (
          <CompareMenu
            compare={compare}
            onChange={(chosen) => {
              set({ compare: chosen });
            }}
          />
        )}
        {hide.includes("interval") ? null : (
          <IntervalMenu
            interval={interval}
            onChange={(chosen) => {
              set({ interval: chosen });
            }}
          />
        )}
        {/* On phones, a pull does it. */}
        <ActionIcon variant="default" size={30} visibleFrom="xs" aria-label={t.report.refresh} title={t.report.refresh} onClick={refresh}>
          <IconRefresh size={15} />
        </ActionIcon>
        {actions}
      </div>
      {hide.includes("filters") ? null : <FilterChips projectId={project.id} report={report} />}
      {report.unknown.length > 0 ? (
        <Alert color="coral" p="xs" role="status">
          {t.report.unknownParameters(report.unknown)}
        </Alert>
      ) : null}
    </div>
  );
}

import { Text, Title } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useSegments } from "../../api/insights/segments";
import { dayName } from "../../format/time";
import { conditionName } from "../../report/conditionName";
import { rangeLabel } from "../../report/rangeLabel";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./Dashboard.module.css";

/** What a picture of a dashboard is of: its name, dates and filters. On the screen the page says so. */
export function PictureHead({ project, name }: { project: Project; name: string }) {
  const { range, filters, segments } = useReport();
  const known = useSegments(project.id, segments.ids.length > 0).data ?? [];
  const of = [
    rangeLabel(range),
    ...known.filter(({ id }) => segments.ids.includes(id)).map((segment) => t.report.segment(segment.name)),
    ...filters.map(conditionName),
  ];
  return (
    <div className={classes.pictureHead} aria-hidden="true">
      <Title order={1} fz={20}>
        {name}
      </Title>
      <Text size="sm" c="dimmed">
        {project.name} · {t.dashboards.asOf(dayName(new Date().toISOString(), project.timezone))} · {of.join(" · ")}
      </Text>
    </div>
  );
}

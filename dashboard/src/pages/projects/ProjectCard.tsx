import { Group, Paper, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import type { Project } from "../../api/client";
import { useTimeseries } from "../../api/queries";
import { exactNumber } from "../../format";
import classes from "./ProjectCard.module.css";
import { Sparkline } from "./Sparkline";

/** A project, and how its last days went. */
export function ProjectCard({ project }: { project: Project }) {
  const series = useTimeseries(project.id, "7d", false, { live: false }).data?.series[0];
  return (
    <Paper withBorder p="md" component={Link} to={`/projects/${project.id}`} className={classes.card ?? ""}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} fz={18} lineClamp={1}>
          {project.name}
        </Title>
        <Text size="xs" c="dimmed">
          {project.role}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {project.slug} · {project.timezone}
      </Text>
      <Sparkline values={series?.values ?? []} />
      <Text size="sm">
        <b>{series ? exactNumber(series.total) : "–"}</b> events in 7 days
      </Text>
    </Paper>
  );
}

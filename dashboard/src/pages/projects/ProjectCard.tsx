import { Skeleton, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useTimeseries } from "../../api/overview";
import type { Project } from "../../api/client";
import { MetricValue } from "../../components/MetricValue";
import classes from "./ProjectCard.module.css";
import { Sparkline } from "./Sparkline";

/** A project, and how its last days went. */
export function ProjectCard({ project }: { project: Project }) {
  const week = useTimeseries({ projectId: project.id, period: "7d", live: false });
  const series = week.data?.series[0];
  return (
    <article className={classes.card}>
      <div className={classes.head}>
        <Title order={2} fz={16} className={classes.name} title={project.name}>
          <Link to={`/projects/${project.id}`} className={classes.link}>
            {project.name}
          </Link>
        </Title>
        {project.is_active ? null : (
          <Text size="xs" c="dimmed">
            switched off
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed" truncate>
        {project.slug} · {project.timezone}
      </Text>
      <div className={classes.chart}>{series ? <Sparkline values={series.values} /> : null}</div>
      {week.isPending ? <Skeleton height={20} w={140} /> : null}
      {series ? (
        <Text size="sm" c="dimmed">
          <Text span fw={620} fz={17} c="var(--mantine-color-text)">
            <MetricValue value={series.total} />
          </Text>{" "}
          {series.total === 1 ? "event" : "events"} in 7 days
        </Text>
      ) : null}
      {week.isError ? (
        <Text size="sm" c="dimmed">
          Counts are not available: {week.error.message}
        </Text>
      ) : null}
    </article>
  );
}

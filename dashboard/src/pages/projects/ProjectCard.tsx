import { Badge, Button, Group, Skeleton, Text, Title, Tooltip } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useDeleteProject } from "../../api/projects/projects";
import { useTimeseries } from "../../api/reports/timeseries";
import { MetricValue } from "../../components/figures/MetricValue";
import { Name } from "../../components/text/Name";
import { RichText } from "../../components/text/RichText";
import { t } from "../../texts";
import classes from "./ProjectCard.module.css";
import { Sparkline } from "../../charts/Sparkline";

/** A project, and its events of the last week. */
export function ProjectCard({ project }: { project: Project }) {
  const week = useTimeseries(project.id, "7d");
  const series = week.data?.series[0];
  return (
    <article className={classes.card}>
      <div className={classes.head}>
        <Title order={2} fz={16} className={classes.name} title={project.name}>
          <Link to={projectAddress(project.id)} className={classes.link}>
            <Name>{project.name}</Name>
          </Link>
        </Title>
        {project.is_active ? null : (
          <Text size="xs" c="dimmed">
            {t.projects.inactive}
          </Text>
        )}
        {project.is_sample ? <Sample project={project} /> : null}
      </div>
      <Text size="xs" c="dimmed" truncate>
        {project.slug} · {project.timezone}
      </Text>
      <div className={classes.chart}>{series ? <Sparkline values={series.values} /> : null}</div>
      {week.isPending ? <Skeleton height={20} w={140} /> : null}
      {series ? (
        <Text size="sm" c="dimmed">
          <RichText
            text={t.projects.eventsInWeek}
            values={{ count: <Count value={series.total} />, noun: t.projects.eventNoun(series.total) }}
          />
        </Text>
      ) : null}
      {week.isError ? (
        <Text size="sm" c="dimmed">
          {t.projects.countsUnavailable(week.error.message)}
        </Text>
      ) : null}
    </article>
  );
}

/** Says that the data is generated. Removing it asks nothing: the project can be restored for 7 days. */
function Sample({ project }: { project: Project }) {
  const removal = useDeleteProject(project.id);
  return (
    <Group gap={6} wrap="nowrap" className={classes.sample}>
      <Tooltip label={t.projects.sampleNote}>
        <Badge size="xs" variant="light" color="gray">
          {t.projects.sample}
        </Badge>
      </Tooltip>
      {project.role === "owner" ? (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={removal.isPending}
          aria-label={t.projects.removeSample(project.name)}
          onClick={() => {
            removal.mutate(undefined);
          }}
        >
          {removal.isError ? t.common.tryAgain : t.projects.remove}
        </Button>
      ) : null}
    </Group>
  );
}

function Count({ value }: { value: number }) {
  return (
    <Text span fw={620} fz={17} c="var(--mantine-color-text)">
      <MetricValue value={value} />
    </Text>
  );
}

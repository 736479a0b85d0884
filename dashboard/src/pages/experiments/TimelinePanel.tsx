import { Group, Select, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Project } from "../../api/requests/client";
import type { ExperimentResults } from "../../api/flags/experiments";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { dayName } from "../../format/time";
import { t } from "../../texts";
import { isShare, metricDifference } from "./metricFormat";

const BoundsChart = lazy(() => import("../../charts/BoundsChart").then(({ BoundsChart }) => ({ default: BoundsChart })));

/** The interval of the effect at the end of each day: it narrows, and holds on all days together. */
export function TimelinePanel({ project, results }: { project: Project; results: ExperimentResults }) {
  const { metrics, dates } = results;
  const [chosen, setChosen] = useState({ metric: Math.max(0, metrics.findIndex(({ role }) => role === "primary")), comparison: 0 });
  const metric = metrics[chosen.metric] ?? metrics[0];
  const comparison = metric?.comparisons[chosen.comparison] ?? metric?.comparisons[0];
  const data = useMemo(() => {
    const timeline = comparison?.timeline ?? [];
    const begin = Math.max(0, timeline.findIndex(({ low }) => low !== null));
    const days = timeline.slice(begin);
    return {
      at: dates.slice(begin, begin + days.length),
      value: days.map(({ low, high }) => (low === null || high === null ? null : (low + high) / 2)),
      low: days.map(({ low }) => low),
      high: days.map(({ high }) => high),
    };
  }, [comparison, dates]);
  if (!metric || !comparison) return null;
  const text = (value: number | null | undefined) => metricDifference(value ?? null, metric.kind);
  return (
    <ChartPanel
      title={t.experiments.timeline}
      actions={
        <Group gap="xs">
          <Select
            size="xs"
            w={170}
            aria-label={t.experiments.metric}
            allowDeselect={false}
            data={metrics.map(({ name }, index) => ({ value: String(index), label: name }))}
            value={String(chosen.metric)}
            onChange={(value) => {
              setChosen({ ...chosen, metric: Number(value) });
            }}
          />
          {metric.comparisons.length > 1 ? (
            <Select
              size="xs"
              w={130}
              aria-label={t.experiments.treatment}
              allowDeselect={false}
              data={metric.comparisons.map(({ variant }, index) => ({ value: String(index), label: variant }))}
              value={String(chosen.comparison)}
              onChange={(value) => {
                setChosen({ ...chosen, comparison: Number(value) });
              }}
            />
          ) : null}
        </Group>
      }
      chart={
        metric.kind === "retention" ? (
          <Text size="sm" c="dimmed">
            {t.experiments.timelineNone}
          </Text>
        ) : data.at.length === 0 || data.low.every((one) => one === null) ? (
          <Text size="sm" c="dimmed">
            {t.experiments.verdict.few}
          </Text>
        ) : (
          <Suspense fallback={<Skeleton height={200} radius="md" />}>
            <BoundsChart
              data={data}
              names={{ value: t.experiments.effect, low: t.experiments.low, high: t.experiments.high }}
              unit={isShare(metric.kind) ? "share" : "count"}
              timezone={project.timezone}
              label={t.experiments.timelineOf(metric.name)}
            />
          </Suspense>
        )
      }
      table={() => (
        <DataTable
          caption={t.experiments.timelineOf(metric.name)}
          columns={[t.experiments.date, t.experiments.effect, t.experiments.low, t.experiments.high]}
          rows={data.at.map((at, index) => ({
            key: at,
            cells: [dayName(at, project.timezone), text(data.value[index]), text(data.low[index]), text(data.high[index])],
          }))}
        />
      )}
    />
  );
}

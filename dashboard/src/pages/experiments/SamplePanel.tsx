import { SimpleGrid, Stack, Text } from "@mantine/core";
import { DataTable } from "../../components/tables/DataTable";
import type { useRequiredSample, MetricKind } from "../../api/flags/experiments";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { percentOf, ShareField } from "../../components/forms/NumberField";
import { exactNumber } from "../../format/numbers";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { MIN_POWER, MAX_POWER, type MetricDraft } from "./experimentDraft";
import { metricDifference, metricValue } from "./metricFormat";

interface SamplePanelProps {
  plan: ReturnType<typeof useRequiredSample>;
  metrics: readonly MetricDraft[];
  /** Whether the form says what to ask. */
  isComplete: boolean;
  smallestEffect: number | null;
  onEffect: (effect: number | null) => void;
  power: number | null;
  onPower: (power: number | null) => void;
}

/** How many users and days an experiment needs, by what the project's users did in the last 30 days. */
export function SamplePanel({ plan, metrics, isComplete, smallestEffect, onEffect, power, onPower }: SamplePanelProps) {
  const { data, error } = plan;
  return (
    <Stack gap="xs" role="group" aria-label={t.experiments.plan}>
      <Text size="sm" fw={600}>
        {t.experiments.plan}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        <ShareField
          label={t.experiments.smallestEffect}
          description={t.experiments.smallestEffectHint}
          max={1_000}
          value={smallestEffect}
          onChange={onEffect}
        />
        <ShareField
          label={t.experiments.power}
          description={t.experiments.powerHint}
          min={percentOf(MIN_POWER)}
          max={percentOf(MAX_POWER)}
          value={power}
          onChange={onPower}
        />
      </SimpleGrid>
      {error ? <ErrorAlert title={t.experiments.planFailed} error={error} retry={() => void plan.refetch()} /> : null}
      {isComplete ? null : (
        <Text size="sm" c="dimmed">
          {t.experiments.planOpen}
        </Text>
      )}
      {isComplete && !data && !error ? <LoadingSkeleton height={80} radius="md" /> : null}
      {isComplete && data ? (
        <>
          <Text size="sm" role="status">
            {data.required_persons === null
              ? t.experiments.planUnknown
              : t.experiments.planNeeds(data.required_persons, data.days === null ? t.experiments.planForever : t.experiments.planDays(data.days))}
          </Text>
          <DataTable
            caption={t.experiments.plan}
            columns={Object.values(t.experiments.planColumns)}
            rows={data.metrics.map((one, index) => {
              const kind: MetricKind = metrics[index]?.kind ?? "count";
              const count = (value: number | null) => (value === null ? t.common.none : exactNumber(value));
              return {
                key: String(index),
                cells: [
                  one.name,
                  metricValue(one.baseline, kind),
                  metricDifference(one.effect, kind),
                  count(one.required_persons),
                  count(one.required_persons_of_single_look),
                ],
              };
            })}
          />
        </>
      ) : null}
    </Stack>
  );
}

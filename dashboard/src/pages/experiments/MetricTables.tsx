import { Badge, Group, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Comparison, ExperimentResults, MetricResult } from "../../api/experiments";
import { DataTable } from "../../components/DataTable";
import { Panel } from "../../components/Panel";
import { exactNumber, sharePercent } from "../../format/numbers";
import { t } from "../../texts";
import { liftPercent, metricDifference, metricValue, pValue } from "./metricFormat";

type Method = keyof typeof t.experiments.methods;
const METHODS = Object.keys(t.experiments.methods) as Method[];

/** Each metric in all variants, read in one of three ways. */
export function MetricTables({ results }: { results: ExperimentResults }) {
  const [method, setMethod] = useState<Method>("sequence");
  return (
    <Panel title={t.experiments.metrics}>
      <Stack gap="md">
        <Select
          size="xs"
          maw={460}
          label={t.experiments.method}
          description={t.experiments.methodHints[method]}
          allowDeselect={false}
          data={METHODS.map((value) => ({ value, label: t.experiments.methods[value] }))}
          value={method}
          onChange={(value) => {
            if (value) setMethod(value);
          }}
        />
        {results.metrics.map((metric, index) => (
          <Stack key={index} gap={4}>
            <Group gap="xs">
              <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                {metric.name}
              </Text>
              <Badge variant="light" tt="none" color={metric.role === "primary" ? "tide" : "gray"}>
                {t.experiments.roles[metric.role]}
              </Badge>
            </Group>
            <OneTable metric={metric} method={method} />
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}

function OneTable({ metric, method }: { metric: MetricResult; method: Method }) {
  const { resultColumns: columns } = t.experiments;
  const isSecondary = metric.role === "secondary";
  const last =
    method === "bayes" ? [columns.chance, columns.loss] : [columns.interval, method === "sequence" && isSecondary ? columns.corrected : columns.p];
  const saved = Math.max(...metric.comparisons.map((one) => one.variance_saved));
  return (
    <>
      <DataTable
        caption={t.experiments.kinds[metric.kind]}
        columns={[columns.variant, columns.users, columns.value, columns.lift, ...last]}
        rows={metric.variants.map(({ variant, persons, value }) => {
          const comparison = metric.comparisons.find((one) => one.variant === variant);
          return {
            key: variant,
            cells: [
              comparison ? variant : `${variant} (${t.experiments.control})`,
              exactNumber(persons),
              metricValue(value, metric.kind),
              ...(comparison ? effectCells(metric, comparison, method) : Array<string>(3).fill("")),
            ],
          };
        })}
      />
      {saved > 0 ? (
        <Text size="xs" c="dimmed">
          {t.experiments.saved(sharePercent(saved))}
        </Text>
      ) : null}
    </>
  );
}

function effectCells({ kind, role }: MetricResult, { difference, lift, corrected_p_value: corrected }: Comparison, method: Method): string[] {
  const isRelative = lift.size !== null;
  const show = (value: number | null) => (isRelative ? liftPercent(value) : metricDifference(value, kind));
  const effect = isRelative ? lift : difference;
  if (method === "bayes") {
    const { chance_to_win: chance, loss_of_treatment: loss } = effect;
    return [show(effect.size), chance === null ? t.common.none : sharePercent(chance), show(loss === null ? null : -loss)];
  }
  const { low, high } = method === "sequence" ? effect.sequence : effect.fixed_horizon;
  const p = (method === "sequence" ? difference.sequence : difference.fixed_horizon).p_value;
  return [
    show(effect.size),
    low === null || high === null ? t.common.none : t.experiments.between(show(low), show(high)),
    pValue(method === "sequence" && role === "secondary" ? corrected : p),
  ];
}

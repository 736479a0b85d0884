import { Badge, Group, Select, Stack, Text, type TextProps } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Comparison, ExperimentResults, MetricResult } from "../../api/flags/experiments";
import { DataTable } from "../../components/tables/DataTable";
import { Panel } from "../../components/page/Panel";
import { exactNumber, sharePercent } from "../../format/numbers";
import { t } from "../../texts";
import { EffectBar } from "./EffectBar";
import { effectOf, intervalOf, isCorrected, judgementOf, type IntervalMethod, type Judgement, type Method } from "./judgement";
import classes from "./MetricTables.module.css";
import { liftPercent, metricDifference, metricValue, pValue, variantName } from "./metricFormat";

const METHODS = Object.keys(t.experiments.methods) as Method[];
const COLOURS: Record<Judgement, NonNullable<TextProps["c"]>> = { better: "var(--tm-up)", worse: "var(--tm-down)", open: "dimmed" };

/** Each metric in all variants, read in one of three ways. */
export function MetricTables({ results }: { results: ExperimentResults }) {
  const [method, setMethod] = useState<Method>("sequence");
  return (
    <Panel title={t.experiments.metrics}>
      <Stack gap="md" className={classes.tables}>
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
  const last =
    method === "bayes" ? [columns.chance, columns.loss] : [columns.interval, isCorrected(metric, method) ? columns.corrected : columns.p];
  const saved = Math.max(...metric.comparisons.map((one) => one.variance_saved));
  return (
    <>
      <DataTable
        isWhole
        caption={t.experiments.kinds[metric.kind]}
        columns={[columns.variant, columns.judgement, columns.users, columns.value, columns.lift, ...last]}
        rows={metric.variants.map(({ variant, persons, value }) => {
          const comparison = metric.comparisons.find((one) => one.variant === variant);
          return {
            key: variant,
            cells: [
              variantName(variant, comparison === undefined),
              comparison ? said(judgementOf(metric, comparison, method)) : "",
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

function effectCells(metric: MetricResult, comparison: Comparison, method: Method): ReactNode[] {
  const { difference, corrected_p_value: corrected } = comparison;
  const isRelative = comparison.lift.size !== null;
  const show = (value: number | null) => (isRelative ? liftPercent(value) : metricDifference(value, metric.kind));
  const effect = effectOf(comparison);
  if (method === "bayes") {
    const { chance_to_win: chance, loss_of_treatment: loss } = effect;
    return [show(effect.size), chance === null ? t.common.none : sharePercent(chance), show(loss === null ? null : -loss)];
  }
  const p = isCorrected(metric, method) ? corrected : (method === "sequence" ? difference.sequence : difference.fixed_horizon).p_value;
  return [show(effect.size), <Interval key="interval" metric={metric} comparison={comparison} method={method} show={show} />, pValue(p)];
}

interface IntervalProps {
  metric: MetricResult;
  comparison: Comparison;
  method: IntervalMethod;
  show: (value: number | null) => string;
}

function Interval({ metric, comparison, method, show }: IntervalProps) {
  const { low, high } = intervalOf(comparison, method);
  if (low === null || high === null) return t.common.none;
  const bounds = metric.comparisons.filter((one) => (one.lift.size === null) === (comparison.lift.size === null)).map((one) => intervalOf(one, method));
  const extent = Math.max(...bounds.flatMap((one) => [Math.abs(one.low ?? 0), Math.abs(one.high ?? 0)]));
  return (
    <div className={classes.interval}>
      <EffectBar size={effectOf(comparison).size} low={low} high={high} extent={extent} judgement={judgementOf(metric, comparison, method)} />
      {t.experiments.between(show(low), show(high))}
    </div>
  );
}

function said(judgement: Judgement): ReactNode {
  return (
    <Text span size="sm" fw={judgement === "open" ? 400 : 600} c={COLOURS[judgement]}>
      {t.experiments.judgements[judgement]}
    </Text>
  );
}

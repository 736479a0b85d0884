import { Autocomplete, Button, Fieldset, Group, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useEventOptions, usePropertyNames } from "../../api/events/definitions";
import { fieldError, fieldErrors } from "../../api/requests/errors";
import type { MetricFields as MetricRequest, MetricKind, MetricRole, Worse } from "../../api/flags/experiments";
import { AddButton } from "../../components/forms/AddButton";
import { NumberField } from "../../components/forms/NumberField";
import { parseFilter, toFilter } from "../../report/filters";
import { t } from "../../texts";
import { WhereFilters } from "../explore/builder/WhereFilters";
import { newMetric, type MetricDraft } from "./experimentDraft";

const MAX_METRICS = 10;
const KINDS = Object.keys(t.experiments.kinds) as MetricKind[];
const WORSE = Object.keys(t.experiments.worseValues) as Worse[];
const ROLES = Object.keys(t.experiments.roles) as MetricRole[];

interface MetricFieldsProps {
  projectId: number;
  metrics: readonly MetricDraft[];
  error: Error | null;
  onChange: (metrics: MetricDraft[]) => void;
}

/** What is measured of each user, in the order in which it is shown. */
export function MetricFields({ projectId, metrics, error, onChange }: MetricFieldsProps) {
  return (
    <>
      {metrics.map((metric, index) => (
        <OneMetric
          key={metric.key}
          projectId={projectId}
          metric={metric}
          number={index + 1}
          error={error}
          onChange={(changes) => {
            onChange(metrics.map((one, at) => (at === index ? { ...one, ...changes } : one)));
          }}
          onRemove={
            metrics.length === 1
              ? null
              : () => {
                  onChange(metrics.filter((_, at) => at !== index));
                }
          }
        />
      ))}
      {metrics.length < MAX_METRICS ? (
        <AddButton
          onClick={() => {
            const key = Math.max(...metrics.map((one) => one.key)) + 1;
            onChange([...metrics, newMetric(key, metrics.length === 1 ? "guardrail" : "secondary")]);
          }}
        >
          {t.experiments.addMetric}
        </AddButton>
      ) : null}
    </>
  );
}

interface OneMetricProps {
  projectId: number;
  metric: MetricDraft;
  /** Its place in the list, from 1. */
  number: number;
  error: Error | null;
  onChange: (changes: Partial<MetricDraft>) => void;
  /** null: it is the only one. */
  onRemove: (() => void) | null;
}

function OneMetric({ projectId, metric, number, error, onChange, onRemove }: OneMetricProps) {
  const events = useEventOptions(projectId, metric.event);
  const properties = usePropertyNames(projectId);
  const names = events.map(({ name }) => name);
  const errorAt = (field: string) => fieldError(error, `metrics.${number - 1}.${field}`);
  const hasValue = metric.kind === "sum" || metric.kind === "mean" || metric.kind === "ratio";
  return (
    <Fieldset legend={t.experiments.metricOf(number)}>
      <Stack gap="xs">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
          <TextInput
            label={t.experiments.metricName}
            required
            withAsterisk={false}
            maxLength={200}
            value={metric.name}
            error={errorAt("name")}
            onChange={(event) => {
              onChange({ name: event.currentTarget.value });
            }}
          />
          <Select
            label={t.experiments.role}
            allowDeselect={false}
            data={ROLES.map((value) => ({ value, label: `${t.experiments.roles[value]}: ${t.experiments.roleHints[value]}` }))}
            value={metric.role}
            onChange={(role) => {
              if (role) onChange({ role });
            }}
          />
          <Select
            label={t.experiments.worse}
            allowDeselect={false}
            data={WORSE.map((value) => ({ value, label: t.experiments.worseValues[value] }))}
            value={metric.worse}
            onChange={(worse) => {
              if (worse) onChange({ worse });
            }}
          />
          <Select
            label={t.experiments.kind}
            allowDeselect={false}
            data={KINDS.map((value) => ({ value, label: t.experiments.kinds[value] }))}
            value={metric.kind}
            error={errorAt("kind")}
            onChange={(kind) => {
              if (kind) onChange({ kind });
            }}
          />
          <Autocomplete
            label={t.experiments.event}
            placeholder={t.experiments.anyEvent}
            maxLength={100}
            limit={50}
            openOnFocus={false}
            data={names}
            value={metric.event}
            error={errorAt("event")}
            onChange={(event) => {
              onChange({ event });
            }}
          />
          {hasValue ? (
            <Autocomplete
              label={t.experiments.valueProperty}
              maxLength={200}
              limit={50}
              openOnFocus={false}
              data={properties}
              value={metric.value}
              error={errorAt("value_property")}
              onChange={(value) => {
                onChange({ value });
              }}
            />
          ) : null}
          {metric.kind === "mean" ? (
            <NumberField
              label={t.experiments.cap}
              allowDecimal
              inputMode="decimal"
              value={metric.cap}
              error={errorAt("cap")}
              onChange={(cap) => {
                onChange({ cap });
              }}
            />
          ) : null}
          {metric.kind === "ratio" ? (
            <Autocomplete
              label={t.experiments.perEvent}
              maxLength={100}
              limit={50}
              openOnFocus={false}
              data={names}
              value={metric.denominator}
              error={errorAt("denominator")}
              onChange={(denominator) => {
                onChange({ denominator });
              }}
            />
          ) : null}
          {metric.kind === "retention" ? (
            <>
              <NumberField label={t.experiments.fromDay} max={365} value={metric.fromDay} onChange={(fromDay) => { onChange({ fromDay }); }} />
              <NumberField
                label={t.experiments.toDay}
                max={366}
                value={metric.toDay}
                error={errorAt("to_day")}
                onChange={(toDay) => {
                  onChange({ toDay });
                }}
              />
            </>
          ) : null}
        </SimpleGrid>
        <Group
          gap={6}
          // The form of a filter lies in another place of the page, but its submission would be one of this form, too.
          onSubmit={(event) => {
            event.stopPropagation();
          }}
        >
          <WhereFilters
            projectId={projectId}
            errors={fieldErrors(error)}
            field={`metrics.${number - 1}.filters`}
            name={t.experiments.metricOf(number)}
            filters={parseFilter(metric.kept.filters)}
            onChange={(filters) => {
              onChange({ kept: { ...metric.kept, filters: (toFilter(filters, true) ?? null) as MetricRequest["filters"] } });
            }}
          />
        </Group>
        {onRemove ? (
          <Button variant="default" size="xs" style={{ alignSelf: "flex-start" }} onClick={onRemove}>
            {t.experiments.removeMetric(number)}
          </Button>
        ) : null}
      </Stack>
    </Fieldset>
  );
}

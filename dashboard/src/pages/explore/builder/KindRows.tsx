import { Checkbox, NumberInput, Select } from "@mantine/core";
import { MAX_FUNNEL_STEPS, MAX_SERIES } from "../../../constants.gen";
import { t } from "../../../texts";
import {
  needsProperty,
  selectEvent,
  selectMetric,
  type EventSelector,
  type FunnelQuery,
  type InsightQuery,
  type LifecycleQuery,
  type MetricSelector,
  type RetentionQuery,
} from "../query/insightQuery";
import classes from "./Builder.module.css";
import { EventSelect } from "./EventSelect";
import { optionsOf } from "./options";
import { PathsRow } from "./PathsRow";
import { PropertyField } from "./PropertyField";
import type { KindRowsProps } from "./rowProps";
import { SelectorRows } from "./SelectorRows";
import { WhereFilters } from "./WhereFilters";

/** The rows of the builder that differ between kinds: the events of a query, and how they are counted. */
export function KindRows(props: KindRowsProps<InsightQuery>) {
  const { query, change, ...rest } = props;
  switch (query.kind) {
    case "trends":
      return (
        <SelectorRows
          {...rest}
          selectors={query.series}
          added={selectMetric()}
          min={1}
          max={MAX_SERIES}
          onChange={(series) => {
            change({ ...query, series });
          }}
          renderMore={(selector, index, set) => (
            <MetricFields
              number={index + 1}
              selector={selector}
              properties={rest.properties}
              error={rest.errors[`series.${index}.property`]?.join(" ")}
              onChange={set}
            />
          )}
        />
      );
    case "stickiness":
      return (
        <SelectorRows
          {...rest}
          selectors={query.series}
          added={selectEvent()}
          min={1}
          max={MAX_SERIES}
          onChange={(series) => {
            change({ ...query, series });
          }}
        />
      );
    case "funnel":
      return <FunnelRows {...rest} query={query} change={change} />;
    case "retention":
      return <RetentionRows {...rest} query={query} change={change} />;
    case "lifecycle":
      return <LifecycleRow {...rest} query={query} change={change} />;
    case "paths":
      return <PathsRow {...rest} query={query} change={change} />;
  }
}

interface MetricFieldsProps {
  number: number;
  selector: MetricSelector;
  properties: string[];
  error: string | undefined;
  onChange: (changes: Partial<MetricSelector>) => void;
}

function MetricFields({ number, selector: { metric, property }, properties, error, onChange }: MetricFieldsProps) {
  return (
    <>
      <span className={classes.word}>{t.explore.countedBy}</span>
      <Select
        size="xs"
        className={classes.metric}
        aria-label={t.insights.metricOf(number)}
        allowDeselect={false}
        maxDropdownHeight={340}
        data={optionsOf(t.insights.metrics)}
        value={metric}
        onChange={(chosen) => {
          if (chosen) onChange({ metric: chosen });
        }}
      />
      {needsProperty(metric) ? (
        <PropertyField
          className={classes.property}
          label={t.insights.propertyOf(number)}
          isLabelHidden
          placeholder={t.insights.property}
          properties={properties}
          error={error}
          value={property ?? ""}
          onChange={(chosen) => {
            onChange({ property: chosen || null });
          }}
        />
      ) : null}
    </>
  );
}

function FunnelRows({ query, change, ...rest }: KindRowsProps<FunnelQuery>) {
  const { steps, order, window } = query;
  return (
    <>
      <SelectorRows
        {...rest}
        selectors={steps}
        added={selectEvent("")}
        min={2}
        max={MAX_FUNNEL_STEPS}
        isSteps
        onChange={(changed) => {
          change({ ...query, steps: changed });
        }}
      />
      <div className={classes.row}>
        <Select
          size="xs"
          w={230}
          aria-label={t.insights.order}
          allowDeselect={false}
          data={optionsOf(t.insights.orders)}
          value={order}
          onChange={(chosen) => {
            if (chosen) change({ ...query, order: chosen });
          }}
        />
        <span className={classes.word}>{t.explore.within}</span>
        <NumberInput
          key={window?.value ?? ""}
          size="xs"
          w={order === "any" && window === null ? 140 : 72}
          aria-label={t.insights.window}
          placeholder={order === "any" ? t.insights.windowOfRange : "14"}
          min={1}
          max={10_000}
          allowDecimal={false}
          hideControls
          error={rest.errors["window"]?.join(" ")}
          defaultValue={window?.value ?? ""}
          onBlur={(event) => {
            const value = Number(event.currentTarget.value.replaceAll(",", ""));
            const next = value > 0 ? { value, unit: window?.unit ?? ("day" as const) } : null;
            if (next?.value !== window?.value) change({ ...query, window: next });
          }}
        />
        <Select
          size="xs"
          w={110}
          aria-label={t.insights.windowUnit}
          allowDeselect={false}
          disabled={window === null}
          data={optionsOf(t.insights.windowUnits)}
          value={window?.unit ?? "day"}
          onChange={(unit) => {
            if (unit && window) change({ ...query, window: { ...window, unit } });
          }}
        />
      </div>
    </>
  );
}

function RetentionRows({ query, change, ...rest }: KindRowsProps<RetentionQuery>) {
  return (
    <>
      <OneEvent
        {...rest}
        word={t.explore.usersWhoDid}
        label={t.insights.firstEvent}
        field="target"
        selector={query.target}
        onChange={(target) => {
          change({ ...query, target });
        }}
      />
      <OneEvent
        {...rest}
        word={t.explore.andCameBackWith}
        label={t.insights.returnEvent}
        field="returning"
        selector={query.returning}
        onChange={(returning) => {
          change({ ...query, returning });
        }}
      />
      <div className={classes.row}>
        <Checkbox
          size="xs"
          label={t.insights.countEveryStart}
          checked={query.isRecurring}
          onChange={(event) => {
            change({ ...query, isRecurring: event.currentTarget.checked });
          }}
        />
        <Checkbox
          size="xs"
          label={t.insights.rolling}
          checked={query.isRolling}
          onChange={(event) => {
            change({ ...query, isRolling: event.currentTarget.checked });
          }}
        />
      </div>
    </>
  );
}

function LifecycleRow({ query, change, ...rest }: KindRowsProps<LifecycleQuery>) {
  return (
    <OneEvent
      {...rest}
      word={t.explore.activeWhen}
      label={t.insights.eventNumber(1)}
      field="event"
      selector={query.event}
      onChange={(event) => {
        change({ ...query, event });
      }}
    />
  );
}

interface OneEventProps extends Omit<KindRowsProps<InsightQuery>, "query" | "change"> {
  word: string;
  label: string;
  /** The field of the query that holds the event. */
  field: string;
  selector: EventSelector;
  onChange: (selector: EventSelector) => void;
}

/** A row of one event and its filters. */
function OneEvent({ projectId, word, label, field, selector, errors, onChange }: OneEventProps) {
  return (
    <div className={classes.row} role="group" aria-label={label}>
      <span className={classes.word}>{word}</span>
      <EventSelect
        projectId={projectId}
        label={label}
        value={selector.event}
        error={errors[`${field}.event`]?.join(" ")}
        onChange={(event) => {
          onChange({ ...selector, event });
        }}
      />
      <WhereFilters
        projectId={projectId}
        errors={errors}
        field={`${field}.filters`}
        name={label}
        filters={selector.filters}
        onChange={(filters) => {
          onChange({ ...selector, filters });
        }}
      />
    </div>
  );
}

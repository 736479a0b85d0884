import { Checkbox, Group, NumberInput, Select, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { MAX_FUNNEL_STEPS, MAX_SERIES } from "../../../constants.gen";
import { t } from "../../../texts";
import { EventList, EventSelect } from "./EventList";
import {
  needsProperty,
  selectEvent,
  selectMetric,
  type EventSelector,
  type FunnelQuery,
  type InsightQuery,
  type MetricSelector,
  type PathsQuery,
  type RetentionQuery,
} from "../query/insightQuery";
import classes from "../ExplorePage.module.css";
import { optionsOf } from "./options";
import { PropertyField } from "./PropertyField";

interface EventFieldsProps<Query extends InsightQuery> {
  query: Query;
  change: (query: InsightQuery) => void;
  /** Names of the project's events. */
  events: string[];
}

/** The events of a query, and how they are counted: the part of the form that differs between kinds. */
export function EventFields(props: EventFieldsProps<InsightQuery> & { properties: string[] }) {
  const { query, change, events, properties } = props;
  switch (query.kind) {
    case "trends":
      return (
        <EventList
          selectors={query.series}
          added={selectMetric()}
          min={1}
          max={MAX_SERIES}
          events={events}
          onChange={(series) => {
            change({ ...query, series });
          }}
          renderMore={(selector, index, set) => (
            <MetricFields number={index + 1} selector={selector} properties={properties} onChange={set} />
          )}
        />
      );
    case "stickiness":
      return (
        <EventList
          selectors={query.series}
          added={selectEvent()}
          min={1}
          max={MAX_SERIES}
          events={events}
          onChange={(series) => {
            change({ ...query, series });
          }}
        />
      );
    case "funnel":
      return <FunnelFields query={query} change={change} events={events} />;
    case "retention":
      return <RetentionFields query={query} change={change} events={events} />;
    case "lifecycle":
    case "breakdown":
      return (
        <SingleEvent
          label={t.insights.eventNumber(1)}
          isLabelHidden
          events={events}
          selector={query.event}
          onChange={(event) => {
            change({ ...query, event });
          }}
        />
      );
    case "paths":
      return <PathsFields query={query} change={change} events={events} />;
  }
}

interface SingleEventProps {
  label: string;
  isLabelHidden?: boolean;
  events: string[];
  selector: EventSelector;
  onChange: (selector: EventSelector) => void;
}

function SingleEvent({ label, isLabelHidden = false, events, selector, onChange }: SingleEventProps) {
  return (
    <div className={classes.item} data-numbered="false">
      <EventSelect
        label={label}
        isLabelHidden={isLabelHidden}
        events={events}
        value={selector.event}
        onChange={(event) => {
          onChange({ ...selector, event });
        }}
      />
    </div>
  );
}

interface MetricFieldsProps {
  number: number;
  selector: MetricSelector;
  properties: string[];
  onChange: (changes: Partial<MetricSelector>) => void;
}

function MetricFields({ number, selector: { metric, property }, properties, onChange }: MetricFieldsProps) {
  return (
    <Group gap={6} grow preventGrowOverflow={false} wrap="nowrap">
      <Select
        size="xs"
        aria-label={t.insights.metricOf(number)}
        allowDeselect={false}
        data={optionsOf(t.insights.metrics)}
        value={metric}
        onChange={(chosen) => {
          if (chosen) onChange({ metric: chosen });
        }}
      />
      {needsProperty(metric) ? (
        <PropertyField
          label={t.insights.propertyOf(number)}
          isLabelHidden
          placeholder={t.insights.property}
          properties={properties}
          value={property ?? ""}
          onChange={(chosen) => {
            onChange({ property: chosen || null });
          }}
        />
      ) : null}
    </Group>
  );
}

function FunnelFields({ query, change, events }: EventFieldsProps<FunnelQuery>) {
  const { steps, order, window } = query;
  return (
    <>
      <EventList
        selectors={steps}
        added={selectEvent()}
        min={0}
        max={MAX_FUNNEL_STEPS}
        isSteps
        events={events}
        onChange={(changed) => {
          change({ ...query, steps: changed });
        }}
      />
      <Stack gap="sm" mt="md">
        <Select
          size="xs"
          label={t.insights.order}
          allowDeselect={false}
          data={optionsOf(t.insights.orders)}
          value={order}
          onChange={(chosen) => {
            if (chosen) change({ ...query, order: chosen });
          }}
        />
        <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 8, alignItems: "end" }}>
          <NumberInput
            key={window?.value ?? ""}
            size="xs"
            label={t.insights.window}
            placeholder={order === "any" ? t.insights.windowOfRange : "14"}
            min={1}
            max={10_000}
            allowDecimal={false}
            defaultValue={window?.value ?? ""}
            onBlur={(event) => {
              const value = Number(event.currentTarget.value.replaceAll(",", ""));
              const next = value > 0 ? { value, unit: window?.unit ?? ("day" as const) } : null;
              if (next?.value !== window?.value) change({ ...query, window: next });
            }}
          />
          <Select
            size="xs"
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
      </Stack>
    </>
  );
}

function RetentionFields({ query, change, events }: EventFieldsProps<RetentionQuery>): ReactNode {
  return (
    <>
      <SingleEvent
        label={t.insights.firstEvent}
        events={events}
        selector={query.target}
        onChange={(target) => {
          change({ ...query, target });
        }}
      />
      <SingleEvent
        label={t.insights.returnEvent}
        events={events}
        selector={query.returning}
        onChange={(returning) => {
          change({ ...query, returning });
        }}
      />
      <Stack gap="xs" mt="md">
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
      </Stack>
    </>
  );
}

function PathsFields({ query, change, events }: EventFieldsProps<PathsQuery>) {
  return (
    <Stack gap="sm">
      <Select
        size="xs"
        aria-label={t.insights.pathsBy}
        allowDeselect={false}
        data={optionsOf(t.insights.pathsByOptions)}
        value={query.by}
        onChange={(by) => {
          if (by) change({ ...query, by, start: null });
        }}
      />
      {query.by === "event" ? (
        <EventSelect
          label={t.insights.startAt}
          events={events}
          value={query.start}
          anyLabel={t.insights.visitStart}
          onChange={(start) => {
            change({ ...query, start });
          }}
        />
      ) : null}
    </Stack>
  );
}

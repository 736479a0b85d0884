import { Checkbox, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { useEventNames, usePropertyNames, type Kind } from "../../api/insights";
import { FilterEditor } from "./FilterEditor";
import classes from "./InsightsPage.module.css";
import { EventSelect, EventsEditor } from "./EventsEditor";
import { PropertyField } from "./PropertyField";
import { INTERVALS, ORDERS, RANGES, UNITS, type InsightQuery } from "./insightQuery";

interface QueryFormProps {
  projectId: number;
  kind: Kind;
  question: InsightQuery;
  change: (changes: Partial<InsightQuery>) => void;
}

/** Puts a question together; each change is asked at once. */
export function QueryForm({ projectId, kind, question, change }: QueryFormProps) {
  const events = useEventNames(projectId).data ?? [];
  const properties = usePropertyNames(projectId).data ?? [];
  const isOverTime = kind !== "funnel" && kind !== "breakdown" && kind !== "paths";
  return (
    <div>
      <Part title={EVENTS_LEGEND[kind]}>
        {kind === "paths" ? (
          <PathsFields question={question} change={change} events={events} />
        ) : (
          <EventsEditor kind={kind} picks={question.picks} events={events} properties={properties} change={change} />
        )}
        {kind === "funnel" ? <FunnelFields question={question} change={change} /> : null}
        {kind === "retention" ? <RetentionFields question={question} change={change} /> : null}
      </Part>
      <Part title="Time">
        <RangeFields question={question} change={change} />
        {isOverTime ? (
          <Select
            mt="xs"
            size="xs"
            aria-label="Interval"
            placeholder="In the intervals that read best"
            clearable
            clearButtonProps={{ "aria-label": "Clear: Interval" }}
            data={INTERVALS.map((value) => ({ value, label: `By the ${value}` }))}
            value={question.interval}
            onChange={(value) => {
              change({ interval: INTERVALS.find((one) => one === value) ?? null });
            }}
          />
        ) : null}
        {kind === "trends" ? (
          <Switch
            mt="sm"
            size="xs"
            label="Compare with the time before"
            checked={question.compare}
            onChange={(event) => {
              change({ compare: event.currentTarget.checked });
            }}
          />
        ) : null}
      </Part>
      <Part title="Only events whose">
        <FilterEditor
          filters={question.filters}
          properties={properties}
          onChange={(filters) => {
            change({ filters });
          }}
        />
      </Part>
      {kind === "trends" || kind === "funnel" || kind === "breakdown" ? (
        <Part title={kind === "breakdown" ? "By the values of" : "Broken down by"}>
          <PropertyField
            label={kind === "breakdown" ? "Property" : "Break down by"}
            isLabelHidden
            placeholder={kind === "breakdown" ? "Choose a property" : "Nothing"}
            properties={properties}
            value={question.breakdown}
            onChange={(breakdown) => {
              change({ breakdown });
            }}
          />
        </Part>
      ) : null}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const heading = useId();
  return (
    <div className={classes.part} role="group" aria-labelledby={heading}>
      <div className={classes.legend} id={heading}>
        {title}
      </div>
      {children}
    </div>
  );
}

const EVENTS_LEGEND: Record<Kind, string> = {
  trends: "Show",
  funnel: "Steps",
  retention: "Persons",
  stickiness: "Active means",
  lifecycle: "Active means",
  breakdown: "Of",
  paths: "Paths of",
};

type PartProps = Pick<QueryFormProps, "question" | "change">;

function RangeFields({ question, change }: PartProps) {
  const { period, from, to } = question;
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        aria-label="When"
        allowDeselect={false}
        data={[...RANGES, { value: "days", label: "From one day to another" }]}
        value={period ?? "days"}
        onChange={(value) => {
          if (value === "days") change({ period: null, ...lastWeek(from, to) });
          else if (value) change({ period: value, from: "", to: "" });
        }}
      />
      {period === null ? (
        <>
          <TextInput
            size="xs"
            type="date"
            label="First day"
            value={from.slice(0, 10)}
            onChange={(event) => {
              change({ from: event.currentTarget.value });
            }}
          />
          <TextInput
            size="xs"
            type="date"
            label="Last day"
            value={to.slice(0, 10)}
            onChange={(event) => {
              change({ to: event.currentTarget.value });
            }}
          />
        </>
      ) : null}
    </Stack>
  );
}

function lastWeek(from: string, to: string) {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  return { from: from || day(6), to: to || day(0) };
}

function FunnelFields({ question, change }: PartProps) {
  const { order, window } = question;
  return (
    <Stack gap="sm" mt="md">
      <Select
        size="xs"
        label="Order"
        allowDeselect={false}
        data={ORDERS}
        value={order}
        onChange={(value) => {
          if (value) change({ order: value });
        }}
      />
      <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 8, alignItems: "end" }}>
        <NumberInput
          key={`${window?.value ?? ""}`}
          size="xs"
          label="All steps within"
          placeholder={order === "any" ? "The range" : "14"}
          min={1}
          max={10_000}
          allowDecimal={false}
          defaultValue={window?.value ?? ""}
          onBlur={(event) => {
            const value = Number(event.currentTarget.value.replaceAll(",", ""));
            const next = value > 0 ? { value, unit: window?.unit ?? "day" } : null;
            if (next?.value !== window?.value) change({ window: next });
          }}
        />
        <Select
          size="xs"
          aria-label="Unit of the time for all steps"
          allowDeselect={false}
          disabled={window === null}
          data={UNITS.map((value) => ({ value, label: `${value}s` }))}
          value={window?.unit ?? "day"}
          onChange={(unit) => {
            if (unit && window) change({ window: { ...window, unit } });
          }}
        />
      </div>
    </Stack>
  );
}

function RetentionFields({ question, change }: PartProps) {
  return (
    <Stack gap="xs" mt="md">
      <Checkbox
        size="xs"
        label="Every time they began, not only the first"
        checked={question.isRecurring}
        onChange={(event) => {
          change({ isRecurring: event.currentTarget.checked });
        }}
      />
      <Checkbox
        size="xs"
        label="Came back then or later"
        checked={question.isRolling}
        onChange={(event) => {
          change({ isRolling: event.currentTarget.checked });
        }}
      />
    </Stack>
  );
}

function PathsFields({ question, change, events }: PartProps & { events: string[] }) {
  return (
    <Stack gap="sm">
      <Select
        size="xs"
        aria-label="What paths are made of"
        allowDeselect={false}
        data={[
          { value: "event", label: "Events" },
          { value: "page", label: "Pages" },
        ]}
        value={question.by}
        onChange={(value) => {
          change({ by: value === "page" ? "page" : "event", start: null });
        }}
      />
      {question.by === "event" ? (
        <EventSelect
          label="Beginning with"
          events={events}
          value={question.start}
          anyLabel="The visit's first event"
          onChange={(start) => {
            change({ start });
          }}
        />
      ) : null}
    </Stack>
  );
}

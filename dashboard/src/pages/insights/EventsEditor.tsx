import { ActionIcon, Button, Group, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { Kind } from "../../api/insights";
import classes from "./InsightsPage.module.css";
import { PropertyField } from "./PropertyField";
import { anyEvent, METRICS, needsProperty, type EventSelector, type InsightQuery } from "./insightQuery";

/** No event is called so: names have no line breaks. */
const ANY = "\n";
const MOST: Record<Kind, number> = { trends: 10, stickiness: 10, funnel: 20, retention: 2, lifecycle: 1, breakdown: 1, paths: 0 };
const FEWEST: Record<Kind, number> = { trends: 1, stickiness: 1, funnel: 0, retention: 2, lifecycle: 1, breakdown: 1, paths: 0 };

interface EventsEditorProps {
  kind: Kind;
  picks: EventSelector[];
  events: string[];
  properties: string[];
  change: (changes: Partial<InsightQuery>) => void;
}

/** The events of a question: lines, steps, or what counts as being active. */
export function EventsEditor({ kind, picks, events, properties, change }: EventsEditorProps) {
  const set = (place: number, changes: Partial<EventSelector>) => {
    change({ picks: picks.map((pick, at) => (at === place ? { ...pick, ...changes } : pick)) });
  };
  const isNumbered = kind !== "retention" && MOST[kind] > 1;
  const noun = kind === "funnel" ? "step" : "event";
  return (
    <>
      {picks.map((pick, place) => (
        // Places are all that tells two equal steps apart.
        <div key={place} className={classes.item} data-numbered={isNumbered}>
          {isNumbered ? (
            <span className={classes.number} aria-hidden="true">
              {place + 1}
            </span>
          ) : null}
          <EventSelect
            label={pickLabel(kind, place)}
            isLabelHidden={kind !== "retention"}
            events={events}
            value={pick.event}
            onChange={(event) => {
              set(place, { event });
            }}
          />
          {picks.length > FEWEST[kind] ? (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Remove ${noun} ${place + 1}`}
              onClick={() => {
                change({ picks: picks.filter((_, at) => at !== place) });
              }}
            >
              <IconX size={14} />
            </ActionIcon>
          ) : null}
          {kind === "trends" ? (
            <div className={classes.beneath}>
              <MetricFields
                place={place}
                pick={pick}
                properties={properties}
                onChange={(changes) => {
                  set(place, changes);
                }}
              />
            </div>
          ) : null}
        </div>
      ))}
      {picks.length < MOST[kind] ? (
        <Button
          variant="default"
          size="xs"
          mt={picks.length > 0 ? "sm" : 0}
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            change({ picks: [...picks, anyEvent()] });
          }}
        >
          Add {noun === "step" ? "a step" : "an event"}
        </Button>
      ) : null}
    </>
  );
}

function pickLabel(kind: Kind, place: number): string {
  if (kind === "retention") return place === 0 ? "Began with" : "Came back with";
  return `${kind === "funnel" ? "Step" : "Event"} ${place + 1}`;
}

interface EventSelectProps {
  label: string;
  isLabelHidden?: boolean;
  events: string[];
  /** null: any. */
  value: string | null;
  anyLabel?: string;
  onChange: (event: string | null) => void;
}

/** One of the events that the project has seen, or any. */
export function EventSelect({ label, isLabelHidden = false, events, value, anyLabel = "Any event", onChange }: EventSelectProps) {
  const known = value === null || events.includes(value) ? events : [value, ...events];
  return (
    <Select
      size="xs"
      {...(isLabelHidden ? { "aria-label": label } : { label })}
      searchable
      limit={200}
      allowDeselect={false}
      nothingFoundMessage="No such event was seen"
      data={[{ value: ANY, label: anyLabel }, ...known.map((name) => ({ value: name, label: name }))]}
      value={value ?? ANY}
      onChange={(chosen) => {
        if (chosen !== null) onChange(chosen === ANY ? null : chosen);
      }}
    />
  );
}

interface MetricFieldsProps {
  place: number;
  pick: EventSelector;
  properties: string[];
  onChange: (changes: Partial<EventSelector>) => void;
}

function MetricFields({ place, pick, properties, onChange }: MetricFieldsProps) {
  return (
    <Group gap={6} grow preventGrowOverflow={false} wrap="nowrap">
      <Select
        size="xs"
        aria-label={`What of event ${place + 1}`}
        allowDeselect={false}
        data={METRICS}
        value={pick.metric}
        onChange={(metric) => {
          if (metric) onChange({ metric });
        }}
      />
      {needsProperty(pick.metric) ? (
        <PropertyField
          label={`Property of event ${place + 1}`}
          isLabelHidden
          placeholder="Property"
          properties={properties}
          value={pick.property ?? ""}
          onChange={(property) => {
            onChange({ property: property || null });
          }}
        />
      ) : null}
    </Group>
  );
}

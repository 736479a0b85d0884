import { ActionIcon, Button, Group, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "../../../texts";
import type { EventSelector } from "../query/insightQuery";
import classes from "../ExplorePage.module.css";

/** The option for any event. Names of events have no line breaks. */
const ANY = "\n";

interface EventListProps<Selector extends EventSelector> {
  selectors: Selector[];
  /** The selector that the button adds. */
  added: Selector;
  min: number;
  max: number;
  isSteps?: boolean;
  /** Names of the project's events. */
  events: string[];
  onChange: (selectors: Selector[]) => void;
  /** More fields for a selector. */
  renderMore?: (selector: Selector, index: number, set: (changes: Partial<Selector>) => void) => ReactNode;
}

/** The numbered events of a query, which can be added and removed. */
export function EventList<Selector extends EventSelector>(props: EventListProps<Selector>) {
  const { selectors, added, min, max, isSteps = false, events, onChange, renderMore } = props;
  return (
    <>
      {selectors.map((selector, index) => {
        const set = (changes: Partial<Selector>) => {
          onChange(selectors.map((one, at) => (at === index ? { ...one, ...changes } : one)));
        };
        return (
          // Two equal selectors differ only in their index.
          <div key={index} className={classes.item} data-numbered="true">
            <span className={classes.number} aria-hidden="true">
              {index + 1}
            </span>
            <EventSelect
              label={isSteps ? t.insights.stepNumber(index + 1) : t.insights.eventNumber(index + 1)}
              isLabelHidden
              events={events}
              value={selector.event}
              onChange={(event) => {
                onChange(selectors.map((one, at) => (at === index ? { ...one, event } : one)));
              }}
            />
            {selectors.length > min ? (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={isSteps ? t.insights.removeStep(index + 1) : t.insights.removeEvent(index + 1)}
                onClick={() => {
                  onChange(selectors.filter((_, at) => at !== index));
                }}
              >
                <IconX size={14} />
              </ActionIcon>
            ) : null}
            {renderMore ? <div className={classes.beneath}>{renderMore(selector, index, set)}</div> : null}
          </div>
        );
      })}
      {selectors.length < max ? (
        <Group mt={selectors.length > 0 ? "sm" : 0}>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              onChange([...selectors, added]);
            }}
          >
            {isSteps ? t.insights.addStep : t.insights.addEvent}
          </Button>
        </Group>
      ) : null}
    </>
  );
}

interface EventSelectProps {
  label: string;
  isLabelHidden?: boolean;
  events: string[];
  /** null: any event. */
  value: string | null;
  anyLabel?: string;
  onChange: (event: string | null) => void;
}

/** One of the project's events, or any event. */
export function EventSelect({ label, isLabelHidden = false, events, value, anyLabel = t.insights.anyEvent, onChange }: EventSelectProps) {
  const known = value === null || events.includes(value) ? events : [value, ...events];
  return (
    <Select
      size="xs"
      {...(isLabelHidden ? { "aria-label": label } : { label })}
      searchable
      limit={200}
      allowDeselect={false}
      nothingFoundMessage={t.insights.noSuchEvent}
      data={[{ value: ANY, label: anyLabel }, ...known.map((name) => ({ value: name, label: name }))]}
      value={value ?? ANY}
      onChange={(chosen) => {
        if (chosen !== null) onChange(chosen === ANY ? null : chosen);
      }}
    />
  );
}

import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { t } from "../../../texts";
import { seriesLetter, type EventSelector } from "../query/insightQuery";
import classes from "./Builder.module.css";
import { EventSelect } from "./EventSelect";
import { WhereFilters } from "./WhereFilters";

interface SelectorRowsProps<Selector extends EventSelector> {
  projectId: number;
  selectors: Selector[];
  /** The selector that the button adds. */
  added: Selector;
  min: number;
  max: number;
  isSteps?: boolean;
  errors: Record<string, string[]>;
  onChange: (selectors: Selector[]) => void;
  /** More fields for a selector. */
  renderMore?: (selector: Selector, index: number, set: (changes: Partial<Selector>) => void) => ReactNode;
}

/** The events of a query, one row each, which can be added and removed. */
export function SelectorRows<Selector extends EventSelector>(props: SelectorRowsProps<Selector>) {
  const { projectId, selectors, added, min, max, isSteps = false, errors, onChange, renderMore } = props;
  // The row whose list of events is open: the next one that lacks an event, so that a funnel is chosen click by click.
  const [opened, setOpened] = useState(() => (isSteps && selectors.every(({ event }) => event === "") ? 0 : -1));
  const rows = useRef<HTMLDivElement>(null);
  // The address has a choice a moment later: who types the next one meanwhile adds to this one.
  const latest = useRef(selectors);
  useEffect(() => {
    latest.current = selectors;
  }, [selectors]);
  const update = (next: Selector[]) => {
    latest.current = next;
    onChange(next);
  };
  // The row whose list gets the focus: the one that had it is drawn anew when its list closes.
  const wanted = useRef(-1);
  // After every drawing: a row that was added is there only once the address has it.
  useEffect(() => {
    if (wanted.current === -1 || wanted.current >= selectors.length) return;
    rows.current?.children.item(wanted.current)?.querySelector("input")?.focus();
    wanted.current = -1;
  });
  const field = isSteps ? "steps" : "series";
  return (
    <div className={classes.group} ref={rows}>
      {selectors.map((selector, index) => {
        const set = (changes: Partial<Selector>) => {
          onChange(selectors.map((one, at) => (at === index ? { ...one, ...changes } : one)));
        };
        return (
          <div
            // Two equal selectors differ only in their index.
            key={`${index} ${opened === index ? "opened" : ""}`}
            className={classes.row}
            role="group"
            aria-label={isSteps ? t.insights.stepNumber(index + 1) : t.explore.series(seriesLetter(index))}
          >
            <span className={classes.badge} aria-hidden="true">
              {isSteps ? index + 1 : seriesLetter(index)}
            </span>
            <EventSelect
              label={isSteps ? t.insights.stepNumber(index + 1) : t.insights.eventNumber(index + 1)}
              projectId={projectId}
              value={selector.event}
              opened={opened === index}
              error={errors[`${field}.${index}.event`]?.join(" ")}
              onChange={(event) => {
                const next = latest.current.findIndex((one, at) => at !== index && one.event === "");
                setOpened(next);
                wanted.current = next === -1 ? index : next;
                update(latest.current.map((one, at) => (at === index ? { ...one, event } : one)));
              }}
            />
            {renderMore?.(selector, index, set)}
            <WhereFilters
              projectId={projectId}
              errors={errors}
              field={`${field}.${index}.filters`}
              name={isSteps ? t.insights.stepNumber(index + 1) : t.insights.eventNumber(index + 1)}
              filters={selector.filters}
              onChange={(filters) => {
                update(latest.current.map((one, at) => (at === index ? { ...one, filters } : one)));
              }}
            />
            {selectors.length > min ? (
              <ActionIcon
                className={classes.end}
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={isSteps ? t.insights.removeStep(index + 1) : t.insights.removeEvent(index + 1)}
                onClick={() => {
                  setOpened(-1);
                  update(latest.current.filter((_, at) => at !== index));
                }}
              >
                <IconX size={14} />
              </ActionIcon>
            ) : null}
          </div>
        );
      })}
      {selectors.length < max ? (
        <div className={classes.row}>
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => {
              setOpened(added.event === "" ? latest.current.length : -1);
              wanted.current = latest.current.length;
              update([...latest.current, added]);
            }}
          >
            {isSteps ? t.insights.addStep : t.insights.addEvent}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

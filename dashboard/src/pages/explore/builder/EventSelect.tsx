import { Select, Text } from "@mantine/core";
import { useState } from "react";
import { useEventOptions, type EventOption } from "../../../api/events/definitions";
import { shortNumber } from "../../../format/numbers";
import { t } from "../../../texts";
import classes from "./Builder.module.css";

/** The option for any event. Names of events have no line breaks. */
const ANY = "\n";
/** Options shown at once: of ten thousand names the browser draws only these; the search finds the others. */
const MAX_OPTIONS = 100;

interface EventSelectProps {
  projectId: number;
  label: string;
  /** Events that are not offered. */
  without?: readonly (string | null)[];
  /** null: any event; "": none is chosen yet. */
  value: string | null;
  anyLabel?: string;
  /** Whether any event can be chosen. */
  hasAny?: boolean;
  placeholder?: string;
  /** Whether the list is open from the start. */
  opened?: boolean;
  error?: string | undefined;
  onChange: (event: string | null) => void;
}

/** One of the project's events, or any event. The list has how often each was sent, and its description. */
export function EventSelect(props: EventSelectProps) {
  const { projectId, label, value, opened = false, error, onChange } = props;
  const { anyLabel = t.insights.anyEvent, hasAny = true, placeholder = t.explore.chooseEvent, without = [] } = props;
  const [search, setSearch] = useState("");
  // The field shows its value, which nobody has typed.
  const events = useEventOptions(projectId, search === (value ?? anyLabel) ? "" : search);
  const known = new Map(events.filter(({ name }) => !without.includes(name)).map((event) => [event.name, event]));
  const names = value === null || value === "" || known.has(value) ? [...known.keys()] : [value, ...known.keys()];
  return (
    <Select
      size="xs"
      className={classes.event}
      aria-label={label}
      placeholder={placeholder}
      searchable
      // Whoever types a name and presses Enter has chosen it.
      selectFirstOptionOnChange
      limit={MAX_OPTIONS}
      maxDropdownHeight={320}
      allowDeselect={false}
      defaultDropdownOpened={opened}
      // A field that gets its focus back after a choice is not opened again: its list would cover what comes next.
      openOnFocus={false}
      comboboxProps={{ width: 340, position: "bottom-start" }}
      nothingFoundMessage={t.insights.noSuchEvent}
      title={value ?? anyLabel}
      error={error}
      data={[...(hasAny ? [{ value: ANY, label: anyLabel }] : []), ...names.map((name) => ({ value: name, label: name }))]}
      value={value === null ? ANY : value === "" ? null : value}
      onSearchChange={setSearch}
      renderOption={({ option }) => <Option name={option.label} event={known.get(option.value)} />}
      onChange={(chosen) => {
        if (chosen !== null) onChange(chosen === ANY ? null : chosen);
      }}
    />
  );
}

function Option({ name, event }: { name: string; event: EventOption | undefined }) {
  return (
    <div className={classes.option}>
      <div className={classes.optionText}>
        <Text component="div" size="sm" title={name}>
          {name}
        </Text>
        {event?.description ? (
          <Text component="div" size="xs" c="dimmed">
            {event.description}
          </Text>
        ) : null}
      </div>
      {event ? (
        <Text size="xs" c="dimmed" className="tm-figures" aria-hidden="true">
          {shortNumber(event.events)}
        </Text>
      ) : null}
    </div>
  );
}

import { Autocomplete } from "@mantine/core";
import { useState } from "react";

/** Properties that every event may have, beside those that its app gives it. */
const OF_EVERY_EVENT = [
  "event_name", "source", "country", "region", "city", "browser", "device_type", "os_name", "os_version", "app_version",
  "page_url", "referrer", "utm_source", "utm_medium", "utm_campaign", "distinct_id", "session_id",
];

interface PropertyFieldProps {
  label: string;
  /** Only for screen readers. */
  isLabelHidden?: boolean;
  placeholder: string;
  properties: string[];
  value: string;
  onChange: (property: string) => void;
}

/** A property: one of those that were seen, or any other that one writes. */
export function PropertyField({ label, isLabelHidden = false, placeholder, properties, value, onChange }: PropertyFieldProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // Changed elsewhere, such as by going back.
    setKnown(value);
    setTyped(value);
  }
  const choose = (property: string) => {
    setTyped(property);
    if (property.trim() !== value) onChange(property.trim());
  };
  const own = properties.filter((name) => !OF_EVERY_EVENT.includes(name));
  return (
    <Autocomplete
      size="xs"
      {...(isLabelHidden ? { "aria-label": label } : { label })}
      placeholder={placeholder}
      maxLength={200}
      limit={100}
      clearable
      clearButtonProps={{ "aria-label": `Clear: ${label}` }}
      data={[
        ...(own.length > 0 ? [{ group: "Of your events", items: own }] : []),
        { group: "Of every event", items: OF_EVERY_EVENT },
      ]}
      value={typed}
      onChange={setTyped}
      onOptionSubmit={choose}
      onClear={() => {
        choose("");
      }}
      onBlur={() => {
        choose(typed);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") choose(event.currentTarget.value);
      }}
    />
  );
}

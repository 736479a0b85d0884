import { Autocomplete } from "@mantine/core";
import { useState } from "react";
import { STANDARD_PROPERTIES } from "../../../report/standardProperties";
import { t } from "../../../texts";

interface PropertyFieldProps {
  label: string;
  /** Show the label only to screen readers. */
  isLabelHidden?: boolean;
  placeholder: string;
  properties: string[];
  className?: string | undefined;
  /** What is wrong with it. */
  error?: string | undefined;
  value: string;
  onChange: (property: string) => void;
}

/** A property: one that the project's events have, or any other name. */
export function PropertyField(props: PropertyFieldProps) {
  const { label, isLabelHidden = false, placeholder, properties, className, error, value, onChange } = props;
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // Changed elsewhere, for example by going back.
    setKnown(value);
    setTyped(value);
  }
  const choose = (property: string) => {
    setTyped(property);
    if (property.trim() !== value) onChange(property.trim());
  };
  const own = properties.filter((name) => !STANDARD_PROPERTIES.includes(name));
  return (
    <Autocomplete
      size="xs"
      {...(className ? { className } : {})}
      comboboxProps={{ width: 260, position: "bottom-start" }}
      title={value}
      {...(isLabelHidden ? { "aria-label": label } : { label })}
      placeholder={placeholder}
      error={error}
      maxLength={200}
      limit={100}
      clearable
      clearButtonProps={{ "aria-label": t.common.clear(label) }}
      data={[
        ...(own.length > 0 ? [{ group: t.insights.yourProperties, items: own }] : []),
        { group: t.insights.standardProperties, items: [...STANDARD_PROPERTIES] },
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
        // Leaving the field closes its list, which would cover the next one.
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

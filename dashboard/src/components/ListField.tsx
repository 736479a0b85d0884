import { TagsInput } from "@mantine/core";

interface ListFieldProps {
  label: string;
  placeholder: string;
  /** What one entry is called. */
  entry: string;
  value: string[];
  error?: string | undefined;
  /** Signs that end an entry, beside Enter. */
  splitChars?: string[];
  onChange: (value: string[]) => void;
}

/** A list of short texts. What was typed and not yet ended by Enter counts when one leaves the field. */
export function ListField({ label, placeholder, entry, value, error, splitChars = [], onChange }: ListFieldProps) {
  return (
    <TagsInput
      label={label}
      description={`Press Enter after each ${entry}`}
      placeholder={value.length === 0 ? placeholder : ""}
      acceptValueOnBlur
      clearable
      clearButtonProps={{ "aria-label": `Clear: ${label}` }}
      splitChars={splitChars}
      maxTags={200}
      value={value}
      error={error}
      onChange={(entries) => {
        onChange(entries.map((text) => text.trim()).filter((text) => text !== ""));
      }}
    />
  );
}

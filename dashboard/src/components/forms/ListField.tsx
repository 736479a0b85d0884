import { TagsInput } from "@mantine/core";
import { t } from "../../texts";

interface ListFieldProps {
  label: string;
  placeholder: string;
  /** What one entry is called. */
  entry: string;
  value: string[];
  error?: string | undefined;
  /** Characters that end an entry, besides Enter. */
  splitChars?: string[];
  onChange: (value: string[]) => void;
}

/** A list of short texts. A text that was typed without Enter counts when the field is left. */
export function ListField({ label, placeholder, entry, value, error, splitChars = [], onChange }: ListFieldProps) {
  return (
    <TagsInput
      label={label}
      description={t.common.pressEnter(entry)}
      placeholder={value.length === 0 ? placeholder : ""}
      acceptValueOnBlur
      clearable
      clearButtonProps={{ "aria-label": t.common.clear(label) }}
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

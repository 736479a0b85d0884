import { Autocomplete } from "@mantine/core";

interface NameFieldProps {
  label: string;
  maxLength: number;
  /** Names that are offered; any other may be typed. */
  names: readonly string[];
  value: string;
  isInvalid: boolean;
  onChange: (name: string) => void;
}

/** The name of a property or an event in a condition, with suggestions. */
export function NameField({ label, maxLength, names, value, isInvalid, onChange }: NameFieldProps) {
  return (
    <Autocomplete
      size="xs"
      label={label}
      maxLength={maxLength}
      limit={100}
      data={[...new Set(names)]}
      value={value}
      {...(isInvalid ? { "aria-invalid": true } : {})}
      onChange={onChange}
    />
  );
}

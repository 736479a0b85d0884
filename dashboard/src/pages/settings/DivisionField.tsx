import { Autocomplete } from "@mantine/core";

interface DivisionFieldProps {
  label: string;
  description: string;
  /** The divisions to choose from; another id may be typed. */
  ids: readonly string[];
  value: string;
  error: string | undefined;
  onChange: (id: string) => void;
}

/** A division, chosen or typed by its id. */
export function DivisionField({ ids, value, ...field }: DivisionFieldProps) {
  return (
    <Autocomplete
      maxLength={100}
      limit={50}
      // One that is typed in full needs no list, which would cover the buttons.
      data={ids.filter((id) => id !== value)}
      value={value}
      {...field}
    />
  );
}

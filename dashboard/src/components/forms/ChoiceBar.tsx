import { useId, type ReactNode } from "react";
import classes from "./ChoiceBar.module.css";

interface ChoiceBarProps<Value extends string> {
  label: string;
  data: readonly { value: Value; label: ReactNode }[];
  value: Value;
  onChange: (value: Value) => void;
}

/**
 * One of a few choices, side by side.
 *
 * Looks as the SegmentedControl of Mantine, which measures where its mark goes: on a board that
 * lays the whole page out again for each tile.
 */
export function ChoiceBar<Value extends string>({ label, data, value, onChange }: ChoiceBarProps<Value>) {
  const name = useId();
  return (
    <div className={classes.bar} role="radiogroup" aria-label={label}>
      {data.map((choice) => (
        <label key={choice.value} className={classes.choice}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => {
              onChange(choice.value);
            }}
          />
          {choice.label}
        </label>
      ))}
    </div>
  );
}

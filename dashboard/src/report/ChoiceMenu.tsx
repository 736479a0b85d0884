import { Menu } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface ChoiceMenuProps<Value extends string> {
  label: string;
  choices: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
  /** The button that opens the menu. */
  children: ReactNode;
}

/** A menu of which one item is chosen. */
export function ChoiceMenu<Value extends string>({ label, choices, value, onChange, children }: ChoiceMenuProps<Value>) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown aria-label={label}>
        {choices.map((choice) => (
          <Menu.RadioItem
            key={choice.value}
            value={choice.value}
            checked={choice.value === value}
            checkIcon={<IconCheck size={14} />}
            closeMenuOnClick
            onChange={() => {
              onChange(choice.value);
            }}
          >
            {choice.label}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

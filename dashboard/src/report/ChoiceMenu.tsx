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
          <Menu.Item
            key={choice.value}
            role="menuitemradio"
            aria-checked={choice.value === value}
            rightSection={choice.value === value ? <IconCheck size={14} /> : null}
            onClick={() => {
              onChange(choice.value);
            }}
          >
            {choice.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun, type Icon } from "@tabler/icons-react";
import { t } from "../texts";

const SCHEMES: { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: "light", label: t.shell.light, icon: IconSun },
  { value: "dark", label: t.shell.dark, icon: IconMoon },
  { value: "auto", label: t.shell.auto, icon: IconDeviceDesktop },
];

/** The choice of a light or dark colour scheme, or the system's. */
export function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = SCHEMES.find(({ value }) => value === colorScheme);
  const Current = current?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.shell.colours(current?.label ?? t.shell.auto)}>
          <Current size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, label, icon: SchemeIcon }) => (
          <Menu.RadioItem
            key={value}
            value={value}
            checked={value === colorScheme}
            checkIcon={<IconCheck size={14} />}
            rightSection={<SchemeIcon size={16} stroke={1.7} />}
            closeMenuOnClick
            onChange={() => {
              setColorScheme(value);
            }}
          >
            {label}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

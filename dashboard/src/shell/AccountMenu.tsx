import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconCheck, IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useContext } from "react";
import { Link, useNavigate } from "react-router";
import { useLogout } from "../api/account/login";
import type { User } from "../api/requests/client";
import { UndoContext } from "../api/cache/undo";
import { t } from "../texts";
import { useDensity, type Density } from "./useDensity";

const DENSITIES: Density[] = ["comfortable", "compact"];

/** The account that is signed in, how dense its pages are, and the way to sign out. */
export function AccountMenu({ user }: { user: User }) {
  const logout = useLogout();
  const navigate = useNavigate();
  const [density, setDensity] = useDensity();
  const { sendAll } = useContext(UndoContext);
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="light" radius="xl" size={32} aria-label={t.shell.account(user.email)}>
          <Text size="sm" fw={600} aria-hidden="true">
            {(user.name || user.email).slice(0, 1).toUpperCase()}
          </Text>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label style={{ overflowWrap: "anywhere" }}>{user.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t.shell.yourAccount}
        </Menu.Item>
        <Menu.Label>{t.shell.density}</Menu.Label>
        {DENSITIES.map((value) => (
          <Menu.RadioItem
            key={value}
            value={value}
            checked={value === density}
            checkIcon={<IconCheck size={14} />}
            onChange={() => {
              setDensity(value);
            }}
          >
            {t.shell.densities[value]}
          </Menu.RadioItem>
        ))}
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconLogout size={16} />}
          disabled={logout.isPending}
          onClick={() => {
            void sendAll().then(() => {
              logout.mutate(undefined, { onSuccess: () => void navigate("/login") });
            });
          }}
        >
          {t.shell.signOut}
        </Menu.Item>
        {logout.error ? (
          <Text size="xs" px="sm" py={4} role="alert">
            {t.shell.signOutFailed(logout.error.message)}
          </Text>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

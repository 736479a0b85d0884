import {
  ActionIcon,
  AppShell,
  Burger,
  Center,
  Group,
  Loader,
  Menu,
  NavLink,
  Select,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChartAreaLine, IconFolders, IconLogout, IconMoon, IconSettings, IconSun } from "@tabler/icons-react";
import { Link, Navigate, Outlet, useLocation, useNavigate, useParams } from "react-router";
import { ApiError } from "../api/client";
import { useLogout, useMe, useProjects } from "../api/queries";
import { Logo } from "./Logo";
import { Problem } from "./Problem";

/** The frame of every page that needs a login. */
export function Shell() {
  const me = useMe();
  const location = useLocation();
  const [opened, { toggle, close }] = useDisclosure();

  if (me.error instanceof ApiError && me.error.status === 401) {
    return <Navigate to="/login" state={{ from: location.pathname + location.search }} replace />;
  }
  if (me.error) {
    return (
      <Center h="100vh" p="md">
        <Problem error={me.error} retry={() => void me.refetch()} />
      </Center>
    );
  }
  if (!me.data) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
          <UnstyledButton component={Link} to="/projects" aria-label="Tidemark, all projects">
            <Group gap={10} wrap="nowrap">
              <Logo />
              <Text fw={700} fz="lg" visibleFrom="xs">
                Tidemark
              </Text>
            </Group>
          </UnstyledButton>
          <ProjectSwitcher />
          <Group gap="xs" ml="auto" wrap="nowrap">
            <SchemeToggle />
            <AccountMenu email={me.data.email} name={me.data.name} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" onClick={close}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const { projectId } = useParams();
  const { pathname } = useLocation();
  const item = (to: string, label: string, Icon: typeof IconFolders) => (
    <NavLink
      key={to}
      component={Link}
      to={to}
      label={label}
      leftSection={<Icon size={18} stroke={1.6} />}
      active={pathname === to}
      style={{ borderRadius: "var(--mantine-radius-md)" }}
    />
  );
  return (
    <nav aria-label="Pages">
      {item("/projects", "Projects", IconFolders)}
      {projectId
        ? [
            item(`/projects/${projectId}`, "Overview", IconChartAreaLine),
            item(`/projects/${projectId}/settings`, "Settings", IconSettings),
          ]
        : null}
    </nav>
  );
}

function ProjectSwitcher() {
  const { projectId } = useParams();
  const projects = useProjects();
  const navigate = useNavigate();
  if (!projectId || !projects.data) return null;
  return (
    <Select
      aria-label="Project"
      size="sm"
      w={{ base: 150, sm: 220 }}
      ml="sm"
      allowDeselect={false}
      data={projects.data.items.map((project) => ({ value: String(project.id), label: project.name }))}
      value={projectId}
      onChange={(id) => void navigate(`/projects/${id ?? projectId}`)}
    />
  );
}

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark = colorScheme === "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => {
        setColorScheme(dark ? "light" : "dark");
      }}
      aria-label={dark ? "Light colours" : "Dark colours"}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function AccountMenu({ email, name }: { email: string; name: string }) {
  const logout = useLogout();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="light" radius="xl" size="lg" aria-label={`Account ${email}`}>
          {(name || email).slice(0, 1).toUpperCase()}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{email}</Menu.Label>
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          onClick={() => {
            logout.mutate(undefined, { onSettled: () => void navigate("/login") });
          }}
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

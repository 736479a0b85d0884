import { useMantineColorScheme } from "@mantine/core";
import { IconBolt, IconBookmark, IconFolder, IconMoon, IconSun, IconUserCircle, type Icon } from "@tabler/icons-react";
import { projectAddress } from "../addresses";
import { useEventNames } from "../api/definitions";
import { useMe } from "../api/login";
import { useProjects } from "../api/projects";
import { useSavedInsights } from "../api/savedInsights";
import { insightPath } from "../pages/explore/query/useInsightQuery";
import { listInsights } from "../pages/explore/saved/editing";
import { t } from "../texts";
import { useOpenProject } from "./Navigation";
import { GENERAL_PAGES } from "./pages";
import { useProjectPages } from "./useProjectPages";

/** Something that the palette finds. */
export type Command = {
  id: string;
  group: string;
  label: string;
  icon: Icon;
  /** Too many to list before anything is typed. */
  isSearchedOnly?: boolean;
} & ({ address: string; run?: never } | { address?: never; run: () => void });

/** Everything that the palette finds: pages, saved insights and events of the open project, projects and actions. */
export function useCommands(): Command[] {
  const projectId = useOpenProject();
  return [...usePages(projectId), ...useProjectCommands(Number(projectId)), ...useProjectList(), ...useActions()];
}

function usePages(projectId: string | null): Command[] {
  const isSuperuser = useMe().data?.is_superuser === true;
  const groups = useProjectPages(projectId);
  const { pages: group, general } = t.shell.palette.groups;
  const own = projectId === null ? [] : groups.flatMap(({ pages }) => pages).map(({ label, icon, path }) => ({
    id: `page ${path}`, group, label, icon, address: projectAddress(projectId, path),
  }));
  const shared = GENERAL_PAGES.filter(({ forSuperusers }) => isSuperuser || !forSuperusers).map(({ label, icon, path }) => ({
    id: `page ${path}`, group: general, label, icon, address: path,
  }));
  return [...own, ...shared, { id: "account", group: general, label: t.shell.yourAccount, icon: IconUserCircle, address: "/account" }];
}

/** What only the open project has. */
function useProjectCommands(projectId: number): Command[] {
  const insights = useSavedInsights(projectId).data ?? [];
  const events = useEventNames(projectId);
  const { insights: saved, events: named } = t.shell.palette.groups;
  return [
    ...listInsights(insights).map(({ insight: { id, name }, open: { kind, body, view } }) => ({
      id: `insight ${id}`,
      group: saved,
      label: name,
      icon: IconBookmark,
      address: insightPath(projectId, kind, body, id, view),
    })),
    ...events.map((name) => ({
      id: `event ${name}`,
      group: named,
      label: name,
      icon: IconBolt,
      isSearchedOnly: true,
      address: projectAddress(projectId, `/explore/trends?q=${encodeURIComponent(JSON.stringify({ series: [{ event: name }] }))}`),
    })),
  ];
}

function useProjectList(): Command[] {
  const projects = useProjects().data ?? [];
  return projects.map(({ id, name }) => ({
    id: `project ${id}`, group: t.shell.palette.groups.projects, label: name, icon: IconFolder, address: projectAddress(id),
  }));
}

function useActions(): Command[] {
  const { setColorScheme } = useMantineColorScheme();
  const { actions: group } = t.shell.palette.groups;
  return [
    { id: "light", group, label: t.shell.palette.light, icon: IconSun, run: () => { setColorScheme("light"); } },
    { id: "dark", group, label: t.shell.palette.dark, icon: IconMoon, run: () => { setColorScheme("dark"); } },
  ];
}

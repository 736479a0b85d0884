import { useMantineColorScheme } from "@mantine/core";
import { IconBolt, IconBookmark, IconFolder, IconKeyboard, IconLayoutDashboard, IconMoon, IconSun, IconUser, IconUserCircle, IconUserSearch, type Icon } from "@tabler/icons-react";
import { projectAddress } from "../addresses";
import type { SavedInsight } from "../api/requests/client";
import { useDashboards } from "../api/insights/dashboards";
import { useEventOptions } from "../api/events/definitions";
import { INSIGHT_KINDS } from "../api/insights/insights";
import { useMe } from "../api/account/login";
import { useProjects } from "../api/projects/projects";
import { useFoundPersons } from "../api/persons/persons";
import { useSavedInsights } from "../api/insights/savedInsights";
import { personName } from "../format/personName";
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
  /** The server has found it by what was typed, which its label need not have. */
  isFound?: boolean;
} & ({ address: string; run?: never } | { address?: never; run: () => void });

/** Everything that the palette finds: pages, insights, dashboards, events and users of the open project, projects and actions. */
export function useCommands(search: string, showShortcuts: () => void): Command[] {
  const projectId = useOpenProject();
  const shortcuts: Command = {
    id: "shortcuts", group: t.shell.palette.groups.actions, label: t.shell.palette.shortcuts, icon: IconKeyboard, run: showShortcuts,
  };
  return [
    ...usePages(projectId),
    ...useProjectCommands(Number(projectId ?? Number.NaN), search),
    ...useProjectList(),
    ...useActions(),
    shortcuts,
    ...usePersonCommands(Number(projectId ?? Number.NaN), search),
    ...(projectId === null || search.trim() === "" ? [] : [findUser(projectId, search.trim())]),
  ];
}

/** The page of users, searched for what was typed; its label has the typed words, so that they always find it. */
function findUser(projectId: string, search: string): Command {
  const { groups, findUser: label } = t.shell.palette;
  const address = projectAddress(projectId, `/people?search=${encodeURIComponent(search)}`);
  return { id: "find-user", group: groups.people, label: label(search), icon: IconUserSearch, address };
}

/** The users whose ids or properties have what was typed. */
function usePersonCommands(projectId: number, search: string): Command[] {
  return useFoundPersons(projectId, search).map((person) => ({
    id: `person ${person.person_id}`,
    group: t.shell.palette.groups.people,
    label: personName(person),
    icon: IconUser,
    isFound: true,
    address: projectAddress(projectId, `/people/${person.person_id}`),
  }));
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
function useProjectCommands(projectId: number, search: string): Command[] {
  const insights = useSavedInsights(projectId).data ?? [];
  const dashboards = useDashboards(projectId, Number.isSafeInteger(projectId)).data ?? [];
  const events = useEventOptions(projectId, search);
  const { insights: saved, dashboards: boards, events: named } = t.shell.palette.groups;
  return [
    ...insights.filter(hasPage).map((insight) => ({
      id: `insight ${insight.id}`,
      group: saved,
      label: insight.name,
      icon: IconBookmark,
      address: savedAddress(projectId, insight),
    })),
    ...dashboards.map(({ id, name }) => ({
      id: `dashboard ${id}`, group: boards, label: name, icon: IconLayoutDashboard, address: projectAddress(projectId, `/dashboards/${id}`),
    })),
    ...events.map(({ name }) => ({
      id: `event ${name}`,
      group: named,
      label: name,
      icon: IconBolt,
      isSearchedOnly: true,
      address: projectAddress(projectId, `/explore/trends?q=${encodeURIComponent(JSON.stringify({ series: [{ event: name }] }))}`),
    })),
  ];
}

/** Other clients save kinds that have no page; breakdowns of before open as trends. */
function hasPage({ kind }: SavedInsight): boolean {
  return [...INSIGHT_KINDS, "breakdown"].includes(kind);
}

/** The page of the insight takes the range and the filters out of `q`. */
function savedAddress(projectId: number, { id, kind, query, view }: SavedInsight): string {
  const options = Object.entries(view).filter((option): option is [string, string] => typeof option[1] === "string");
  const parameters = new URLSearchParams([...options, ["q", JSON.stringify(query)], ["saved", String(id)]]);
  return projectAddress(projectId, `/explore/${kind}?${parameters.toString()}`);
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

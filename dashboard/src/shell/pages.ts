import { IconActivity, IconBell, IconChartDots3, IconInbox, IconDeviceGamepad2, IconDownload, IconFlag, IconFlask, IconFolders, IconHeartbeat, IconHome, IconLayoutDashboard, IconListDetails, IconMail, IconMapPins, IconPlugConnected, IconServerCog, IconSettings, IconTargetArrow, IconUsers, IconWorld, type Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { HealthBadge } from "../features/HealthBadge";
import { t } from "../texts";

const { links, groups } = t.shell;

/** A page in the navigation. */
export interface PageLink {
  label: string;
  icon: Icon;
  /** Its address; of a project's page, below `/p/{id}`. */
  path: string;
  /** Its sections have addresses below its own. */
  hasSections?: boolean;
  /** A report: its link keeps the filters and dates of the report that is open. */
  isReport?: boolean;
  /** Only for projects that have received one of these events. */
  forEvents?: readonly string[];
  /** Linked from the page above it and found by the palette, but not in the navigation. */
  isBelowAnother?: boolean;
  /** In the bar at the bottom of a phone. */
  isOnPhoneBar?: boolean;
  /** What the link shows beside its label, such as how many users there are now. */
  badge?: ComponentType<{ projectId: number }>;
  /** Only for owners of the server. */
  forSuperusers?: boolean;
}

/** Pages that belong to no project. */
export const GENERAL_PAGES: readonly PageLink[] = [
  { label: links.projects, icon: IconFolders, path: "/projects" },
  { label: links.inbox, icon: IconInbox, path: "/inbox" },
  { label: links.admin, icon: IconServerCog, path: "/admin", hasSections: true, forSuperusers: true },
];

/** Pages of a project, in groups; a group without pages is not shown. A new page is a line here and a route in App.tsx. */
export const PROJECT_PAGES: readonly { group: string; pages: readonly PageLink[] }[] = [
  {
    group: groups.now,
    pages: [
      { label: links.home, icon: IconHome, path: "", isReport: true, isOnPhoneBar: true },
      { label: links.live, icon: IconActivity, path: "/live", isOnPhoneBar: true },
    ],
  },
  {
    group: groups.understand,
    pages: [
      { label: links.web, icon: IconWorld, path: "/web", hasSections: true, isReport: true },
      { label: links.communities, icon: IconMapPins, path: "/web/communities", isReport: true, isBelowAnother: true },
      { label: links.game, icon: IconDeviceGamepad2, path: "/game", hasSections: true, isReport: true, forEvents: ["progression", "resource"] },
      { label: links.explore, icon: IconChartDots3, path: "/explore", hasSections: true, isReport: true, isOnPhoneBar: true },
      { label: links.dashboards, icon: IconLayoutDashboard, path: "/dashboards", hasSections: true, isReport: true },
      { label: t.people.title, icon: IconUsers, path: "/people", hasSections: true, isReport: true, isOnPhoneBar: true },
    ],
  },
  {
    group: groups.act,
    pages: [
      { label: links.alerts, icon: IconBell, path: "/alerts" },
      { label: links.goals, icon: IconTargetArrow, path: "/goals", isReport: true },
      { label: links.reports, icon: IconMail, path: "/reports" },
    ],
  },
  {
    group: groups.flags,
    pages: [
      { label: links.flags, icon: IconFlag, path: "/flags", hasSections: true },
      { label: links.experiments, icon: IconFlask, path: "/experiments", hasSections: true },
    ],
  },
  {
    group: groups.data,
    pages: [
      { label: links.events, icon: IconListDetails, path: "/events", hasSections: true, isReport: true },
      { label: links.health, icon: IconHeartbeat, path: "/health", badge: HealthBadge },
      { label: links.install, icon: IconPlugConnected, path: "/install" },
      { label: links.export, icon: IconDownload, path: "/data", isReport: true },
      { label: links.settings, icon: IconSettings, path: "/settings", hasSections: true },
    ],
  },
];

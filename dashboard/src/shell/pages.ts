import { IconChartDots3, IconFolders, IconServerCog, IconSettings, IconWaveSine, type Icon } from "@tabler/icons-react";
import { t } from "../texts";

const { links } = t.shell;

/** A page in the navigation. */
export interface PageLink {
  label: string;
  icon: Icon;
  /** Its address; of a project's page, below `/p/{id}`. */
  path: string;
  /** Its sections have addresses below its own. */
  hasSections?: boolean;
  /** Only for owners of the server. */
  forSuperusers?: boolean;
}

/** Pages that belong to no project. */
export const GENERAL_PAGES: readonly PageLink[] = [
  { label: links.projects, icon: IconFolders, path: "/projects" },
  { label: links.admin, icon: IconServerCog, path: "/admin", hasSections: true, forSuperusers: true },
];

/** Pages of a project, in groups. A new report is a line here and a route in App.tsx. */
export const PROJECT_PAGES: readonly { group: string; pages: readonly PageLink[] }[] = [
  {
    group: links.reports,
    pages: [
      { label: links.overview, icon: IconWaveSine, path: "" },
      { label: links.insights, icon: IconChartDots3, path: "/explore", hasSections: true },
    ],
  },
  { group: t.shell.project, pages: [{ label: links.settings, icon: IconSettings, path: "/settings", hasSections: true }] },
];

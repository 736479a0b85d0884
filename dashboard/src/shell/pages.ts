import { IconChartDots3, IconFolders, IconServerCog, IconSettings, IconWaveSine, type Icon } from "@tabler/icons-react";

/** A page of the navigation. */
export interface PageLink {
  label: string;
  icon: Icon;
  /** Its address, of the page as a whole or below `/projects/{id}`. */
  path: string;
  /** Its parts have addresses below its own. */
  hasParts?: boolean;
  /** Only for those who look after the installation. */
  forSuperusers?: boolean;
}

/** Pages that belong to no project. */
export const GENERAL_PAGES: readonly PageLink[] = [
  { label: "Projects", icon: IconFolders, path: "/projects" },
  { label: "Installation", icon: IconServerCog, path: "/installation", hasParts: true, forSuperusers: true },
];

/** Pages of a project, in groups. A new report is a line here and a route in App.tsx. */
export const PROJECT_PAGES: readonly { group: string; pages: readonly PageLink[] }[] = [
  {
    group: "Reports",
    pages: [
      { label: "Overview", icon: IconWaveSine, path: "" },
      { label: "Insights", icon: IconChartDots3, path: "/insights", hasParts: true },
    ],
  },
  { group: "Project", pages: [{ label: "Settings", icon: IconSettings, path: "/settings", hasParts: true }] },
];

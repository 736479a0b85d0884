import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/client";
import { t } from "../../texts";
import classes from "./EventsPage.module.css";

const SECTIONS = [
  { path: "", label: t.events.stream },
  { path: "catalog", label: t.events.catalog },
] as const;

/** Links to the stream and to the catalogue. */
export function EventSections({ project, current }: { project: Project; current: string }) {
  return (
    <nav aria-label={t.events.sections} className={classes.sections}>
      {SECTIONS.map(({ path, label }) => (
        <Link
          key={path}
          to={projectAddress(project.id, `/events${path ? `/${path}` : ""}`)}
          className={classes.section}
          aria-current={path === current ? "page" : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

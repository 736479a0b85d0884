import { NavLink } from "@mantine/core";
import { Link, useLocation, useParams } from "react-router";
import { useMe } from "../api/login";
import { useProjects } from "../api/projects";
import { GENERAL_PAGES, PROJECT_PAGES, type PageLink } from "./pages";
import classes from "./Shell.module.css";

/** The pages one can go to from here. */
export function Navigation({ onChoose }: { onChoose: () => void }) {
  const { projectId } = useParams();
  const projects = useProjects().data;
  // Nobody is led further into a project that is not theirs; while that is unknown, trust the address.
  const isTheirs = projectId && (!projects || projects.some(({ id }) => String(id) === projectId));
  const isSuperuser = useMe().data?.is_superuser === true;
  const pathname = useLocation().pathname.replace(/\/$/, "");
  const item = ({ label, icon: Icon, hasParts }: PageLink, address: string) => {
    const isHere = pathname === address || (hasParts && pathname.startsWith(`${address}/`));
    return (
      <NavLink
        key={address}
        component={Link}
        to={address}
        label={label}
        leftSection={<Icon size={17} stroke={1.7} />}
        active={isHere === true}
        {...(isHere ? { "aria-current": "page" as const } : {})}
        className={classes.link ?? ""}
        onClick={onChoose}
      />
    );
  };
  return (
    <nav aria-label="Pages">
      {GENERAL_PAGES.filter((page) => isSuperuser || !page.forSuperusers).map((page) => item(page, page.path))}
      {isTheirs
        ? PROJECT_PAGES.map(({ group, pages }) => (
            <div key={group} role="group" aria-label={group}>
              <div className={classes.group} aria-hidden="true">
                {group}
              </div>
              {pages.map((page) => item(page, `/projects/${projectId}${page.path}`))}
            </div>
          ))
        : null}
    </nav>
  );
}

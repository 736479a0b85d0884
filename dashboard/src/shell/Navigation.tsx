import { NavLink } from "@mantine/core";
import { Link, useLocation, useParams } from "react-router";
import { projectAddress } from "../addresses";
import { useMe } from "../api/login";
import { useProjects } from "../api/projects";
import { t } from "../texts";
import { GENERAL_PAGES, PROJECT_PAGES, type PageLink } from "./pages";
import classes from "./Shell.module.css";

/** Links to the pages of the dashboard and of the open project. */
export function Navigation({ onChoose }: { onChoose: () => void }) {
  const { projectId } = useParams();
  const projects = useProjects().data;
  // Do not link to pages of a project that the account is not a member of; until that is known, trust the address.
  const isMember = projectId && (!projects || projects.some(({ id }) => String(id) === projectId));
  const isSuperuser = useMe().data?.is_superuser === true;
  const pathname = useLocation().pathname.replace(/\/$/, "");
  const item = ({ label, icon: Icon, hasSections }: PageLink, address: string) => {
    const isHere = pathname === address || (hasSections && pathname.startsWith(`${address}/`));
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
    <nav aria-label={t.shell.pages}>
      {GENERAL_PAGES.filter((page) => isSuperuser || !page.forSuperusers).map((page) => item(page, page.path))}
      {isMember
        ? PROJECT_PAGES.map(({ group, pages }) => (
            <div key={group} role="group" aria-label={group}>
              <div className={classes.group} aria-hidden="true">
                {group}
              </div>
              {pages.map((page) => item(page, projectAddress(projectId, page.path)))}
            </div>
          ))
        : null}
    </nav>
  );
}

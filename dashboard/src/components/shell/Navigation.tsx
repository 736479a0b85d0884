import { NavLink } from "@mantine/core";
import { Link, useLocation, useParams } from "react-router";
import { GENERAL_PAGES, PROJECT_PAGES, type PageLink } from "./pages";
import classes from "./Shell.module.css";

/** The pages one can go to from here. */
export function Navigation({ onChoose }: { onChoose: () => void }) {
  const { projectId } = useParams();
  const { pathname } = useLocation();
  const item = ({ label, icon: Icon }: PageLink, address: string) => {
    const isHere = pathname.replace(/\/$/, "") === address;
    return (
      <NavLink
        key={address}
        component={Link}
        to={address}
        label={label}
        leftSection={<Icon size={17} stroke={1.7} />}
        active={isHere}
        {...(isHere ? { "aria-current": "page" as const } : {})}
        className={classes.link ?? ""}
        onClick={onChoose}
      />
    );
  };
  return (
    <nav aria-label="Pages">
      {GENERAL_PAGES.map((page) => item(page, page.path))}
      {projectId
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

import { NavLink, Tooltip } from "@mantine/core";
import { Link, useLocation, useParams, useSearchParams } from "react-router";
import { projectAddress } from "../addresses";
import { useMe } from "../api/account/login";
import { useProject, useProjects } from "../api/projects/projects";
import { reportParameters } from "../report/reportState";
import { t } from "../texts";
import { GENERAL_PAGES, type PageLink } from "./pages";
import classes from "./Shell.module.css";
import { useProjectPages } from "./useProjectPages";

interface NavigationProps {
  /** Icons only. */
  isNarrow?: boolean;
  onChoose?: () => void;
}

/** Links to the pages of the open project, or to those that belong to none. */
export function Navigation({ isNarrow = false, onChoose }: NavigationProps) {
  const projectId = useOpenProject();
  const groups = useProjectPages(projectId);
  const isSuperuser = useMe().data?.is_superuser === true;
  const link = (page: PageLink) => <PageNavLink key={page.path} page={page} isNarrow={isNarrow} {...(onChoose ? { onChoose } : {})} />;
  return (
    <nav aria-label={t.shell.pages} className={classes.navigation}>
      {projectId === null
        ? GENERAL_PAGES.filter((page) => isSuperuser || !page.forSuperusers).map(link)
        : groups.map(({ group, pages }, index) => (
            <div key={group} role="group" aria-label={group} className={classes.groupPages}>
              {isNarrow || index === 0 ? null : (
                <div className={classes.group} aria-hidden="true">
                  {group}
                </div>
              )}
              {pages.filter(({ isBelowAnother }) => !isBelowAnother).map(link)}
            </div>
          ))}
    </nav>
  );
}

function PageNavLink({ page, isNarrow, onChoose }: { page: PageLink; isNarrow: boolean; onChoose?: () => void }) {
  const { label, icon: Icon, badge: Badge } = page;
  const { address, isHere } = usePageAddress(page);
  const projectId = Number(useOpenProject());
  return (
    <Tooltip label={label} position="right" disabled={!isNarrow}>
      <NavLink
        component={Link}
        to={address}
        label={isNarrow ? null : label}
        aria-label={isNarrow ? label : undefined}
        leftSection={<Icon size={18} stroke={1.7} />}
        rightSection={Badge && !isNarrow ? <Badge projectId={projectId} /> : null}
        active={isHere}
        {...(isHere ? { "aria-current": "page" as const } : {})}
        className={classes.link ?? ""}
        {...(onChoose ? { onClick: onChoose } : {})}
      />
    </Tooltip>
  );
}

/** The project in the address; null when there is none that the account may open. Until that is known, the address is trusted. */
export function useOpenProject(): string | null {
  const { projectId } = useParams();
  const projects = useProjects().data;
  // Owners of the server open projects that they are no member of.
  const project = useProject(Number(projectId)).data;
  if (projectId === undefined) return null;
  return !projects || String(project?.id) === projectId || projects.some(({ id }) => String(id) === projectId) ? projectId : null;
}

/** The address of a page, with the report's filters and dates if it is one, and whether it is open. */
export function usePageAddress({ path, hasSections, isReport }: PageLink): { address: string; isHere: boolean } {
  const projectId = useOpenProject();
  const pathname = useLocation().pathname.replace(/\/$/, "");
  const [parameters] = useSearchParams();
  const page = projectId === null ? path : projectAddress(projectId, path);
  const kept = isReport ? reportParameters(parameters).toString() : "";
  return {
    address: kept ? `${page}?${kept}` : page,
    isHere: pathname === page || (hasSections === true && pathname.startsWith(`${page}/`)),
  };
}

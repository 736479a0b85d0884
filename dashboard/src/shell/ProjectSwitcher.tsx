import { Select } from "@mantine/core";
import { useLocation, useNavigate, useParams } from "react-router";
import { projectAddress, splitProjectAddress } from "../addresses";
import { useProjects } from "../api/projects";
import { t } from "../texts";

/** Switches to the same page of another project. */
export function ProjectSwitcher() {
  const { projectId } = useParams();
  const { pathname, search } = useLocation();
  const projects = useProjects();
  const navigate = useNavigate();
  if (!projectId || !projects.data?.some(({ id }) => String(id) === projectId)) return null;
  const pageOf = (id: string) => projectAddress(id, splitProjectAddress(pathname)?.[1]) + search;
  return (
    <Select
      aria-label={t.shell.project}
      size="xs"
      miw={0}
      w={220}
      allowDeselect={false}
      searchable={projects.data.length > 8}
      data={projects.data.map((project) => ({ value: String(project.id), label: project.name }))}
      value={projectId}
      onChange={(id) => {
        if (id) void navigate(pageOf(id));
      }}
    />
  );
}

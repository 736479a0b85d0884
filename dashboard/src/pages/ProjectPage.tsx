import { Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import type { Project } from "../api/client";
import { ApiError } from "../api/errors";
import { useProject } from "../api/projects";
import { ErrorAlert } from "../components/ErrorAlert";
import { NotFound } from "../components/NotFound";
import { t } from "../texts";

/** Loads the project in the address, and shows its page. */
export function ProjectPage({ children }: { children: (project: Project) => ReactNode }) {
  const id = projectId(useParams()["projectId"]);
  const project = useProject(id);
  if (Number.isNaN(id) || (project.error instanceof ApiError && project.error.status === 404)) return <NotFound />;
  if (project.data) return children(project.data);
  if (project.error) return <ErrorAlert error={project.error} retry={() => void project.refetch()} />;
  return (
    <Stack aria-busy="true" aria-label={t.common.loading}>
      <Skeleton height={44} maw={320} />
      <Skeleton height={96} radius="lg" />
      <Skeleton height={360} radius="lg" />
    </Stack>
  );
}

function projectId(text = ""): number {
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
}

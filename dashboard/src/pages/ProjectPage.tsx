import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { ApiError, type Project } from "../api/client";
import { useProject } from "../api/queries";
import { Problem } from "../components/Problem";
import { NotFoundPage } from "./NotFoundPage";

/** Finds the project that the address names, and shows its page. */
export function ProjectPage({ children }: { children: (project: Project) => ReactNode }) {
  const id = Number(useParams()["projectId"]);
  const project = useProject(id);
  if (!Number.isSafeInteger(id) || (project.error instanceof ApiError && project.error.status === 404)) {
    return <NotFoundPage />;
  }
  if (project.error) return <Problem error={project.error} retry={() => void project.refetch()} />;
  if (!project.data) return <Skeleton height={400} />;
  return children(project.data);
}

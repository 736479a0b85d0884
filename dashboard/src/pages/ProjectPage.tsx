import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";
import { useParams } from "react-router";
import type { Project } from "../api/requests/client";
import { ApiError } from "../api/requests/errors";
import { useProject } from "../api/projects/projects";
import { ErrorAlert } from "../notices/ErrorAlert";
import { useShownFigure } from "../components/figures/figureAddress";
import { ShowFigureProvider } from "../components/figures/ShowFigureProvider";
import { NotFound } from "../components/states/NotFound";
import { t } from "../texts";

const PersonsDrawer = lazy(() =>
  import("../features/figures/PersonsDrawer").then(({ PersonsDrawer }) => ({ default: PersonsDrawer })),
);

/** Loads the project in the address, and shows its page. */
export function ProjectPage({ children }: { children: (project: Project) => ReactNode }) {
  const id = projectId(useParams()["projectId"]);
  const project = useProject(id);
  if (Number.isNaN(id) || (project.error instanceof ApiError && project.error.status === 404)) return <NotFound />;
  if (project.data)
    return (
      <ShowFigureProvider>
        {children(project.data)}
        <Drawers project={project.data} />
      </ShowFigureProvider>
    );
  if (project.error) return <ErrorAlert error={project.error} retry={() => void project.refetch()} />;
  return (
    <Stack role="status" aria-busy="true" aria-label={t.common.loading}>
      <Skeleton height={44} maw={320} />
      <Skeleton height={96} radius="lg" />
      <Skeleton height={360} radius="lg" />
    </Stack>
  );
}

/** What any page of a project shows beside itself. */
function Drawers({ project }: { project: Project }) {
  const figure = useShownFigure();
  return <Suspense>{figure === null ? null : <PersonsDrawer project={project} />}</Suspense>;
}

function projectId(text = ""): number {
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
}

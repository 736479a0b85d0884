import { useParams } from "react-router";
import { ProjectPage } from "../ProjectPage";
import { DashboardView } from "./DashboardView";
import { DashboardList } from "./DashboardList";

/** The dashboards of a project, or the one in the address. */
export function DashboardsPage() {
  const { key } = useParams();
  return (
    <ProjectPage>
      {(project) => (key === undefined ? <DashboardList project={project} /> : <DashboardView key={key} project={project} id={key} />)}
    </ProjectPage>
  );
}

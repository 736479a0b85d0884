import { useParams } from "react-router";
import type { Project } from "../../api/requests/client";
import { NotFound } from "../../components/states/NotFound";
import { ProjectPage } from "../ProjectPage";
import { FlagList } from "./FlagList";
import { FlagPage } from "./FlagPage";

/** The feature flags of a project, and the page of each. */
export function FlagsPage() {
  return <ProjectPage>{(project) => <Flags key={project.id} project={project} />}</ProjectPage>;
}

function Flags({ project }: { project: Project }) {
  const section = (useParams()["*"] ?? "").replace(/\/$/, "");
  if (section === "") return <FlagList project={project} />;
  return /^[1-9]\d{0,9}$/.test(section) ? <FlagPage key={section} project={project} flagId={Number(section)} /> : <NotFound />;
}

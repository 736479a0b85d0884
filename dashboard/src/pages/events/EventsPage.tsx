import { useParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { SectionTabs } from "../../components/page/SectionTabs";
import { useAddressState } from "../../components/page/useAddressState";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { Catalog } from "./Catalog";
import { CatalogEntryPage } from "./CatalogEntryPage";
import { Stream } from "./Stream";

const SECTIONS = [
  { path: "", label: t.events.stream },
  { path: "catalog", label: t.events.catalog },
] as const;

/** The events of a project: as they were stored, and as the team documents them. */
export function EventsPage() {
  return <ProjectPage>{(project) => <Events project={project} />}</ProjectPage>;
}

function Events({ project }: { project: Project }) {
  const section = (useParams()["*"] ?? "").replace(/\/$/, "");
  const [name] = useAddressState("name");
  if (section === "catalog" && name) return <CatalogEntryPage key={name} project={project} name={name} />;
  if (section !== "" && section !== "catalog") return <NotFound />;
  return (
    <>
      <PageTitle title={t.events.title} note={t.events.note} />
      <SectionTabs label={t.events.sections} base={projectAddress(project.id, "/events")} current={section} sections={SECTIONS} />
      {section === "catalog" ? <Catalog project={project} /> : <Stream project={project} />}
    </>
  );
}

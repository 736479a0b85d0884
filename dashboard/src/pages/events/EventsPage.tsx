import { useParams } from "react-router";
import type { Project } from "../../api/client";
import { NotFound } from "../../components/NotFound";
import { PageTitle } from "../../components/PageTitle";
import { useAddressState } from "../../components/useAddressState";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { Catalog } from "./Catalog";
import { CatalogEntryPage } from "./CatalogEntryPage";
import { EventSections } from "./EventSections";
import { Stream } from "./Stream";

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
      <EventSections project={project} current={section} />
      {section === "catalog" ? <Catalog project={project} /> : <Stream project={project} />}
    </>
  );
}

import { useParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { SectionTabs } from "../../components/page/SectionTabs";
import { useAddressState } from "../../components/page/useAddressState";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { CohortsSection } from "./CohortsSection";
import { CompaniesSection } from "./CompaniesSection";
import { CompanyProfile } from "./CompanyProfile";
import { PersonProfile } from "./PersonProfile";
import { SessionsSection } from "./SessionsSection";
import { UsersSection } from "./UsersSection";

/** Who uses the product: users, companies, cohorts, sessions, and the page of each user and company. */
export function PersonsPage() {
  return <ProjectPage>{(project) => <People key={project.id} project={project} />}</ProjectPage>;
}

function People({ project }: { project: Project }) {
  const [section = "", tab = ""] = (useParams()["*"] ?? "").split("/");
  const [[type], [groupKey]] = [useAddressState("type"), useAddressState("key")];
  if (/^[1-9]\d{0,9}$/.test(section)) return <PersonProfile key={section} project={project} personId={Number(section)} tab={tab} />;
  if (section === "companies" && groupKey) return <CompanyProfile key={`${type}\n${groupKey}`} project={project} type={type} groupKey={groupKey} />;
  const { sections } = t.people;
  const contents = [
    { path: "", label: sections.users, content: <UsersSection project={project} /> },
    { path: "companies", label: sections.companies, content: <CompaniesSection project={project} /> },
    { path: "cohorts", label: sections.cohorts, content: <CohortsSection project={project} /> },
    { path: "sessions", label: sections.sessions, content: <SessionsSection project={project} /> },
  ];
  const current = contents.find(({ path }) => path === section);
  if (!current || tab) return <NotFound />;
  return (
    <>
      <PageTitle title={t.people.title} tab={t.people.tab(current.label, project.name)} note={t.people.note(project.name)} />
      <SectionTabs label={t.people.title} base={projectAddress(project.id, "/people")} current={section} sections={contents} />
      {current.content}
    </>
  );
}

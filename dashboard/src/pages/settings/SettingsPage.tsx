import type { Project } from "../../api/client";
import { missingPermission } from "../../api/roles";
import { PageTitle } from "../../components/PageTitle";
import { TabbedSections } from "../../components/TabbedSections";
import { AuditLog } from "../../features/auditLog/AuditLog";
import { ProjectPage } from "../ProjectPage";
import { DangerSection } from "./DangerSection";
import { GeneralSection } from "./GeneralSection";
import { KeysSection } from "./KeysSection";
import { LimitsSection } from "./LimitsSection";
import { MembersSection } from "./MembersSection";
import { OriginsSection } from "./OriginsSection";
import { PrivacySection } from "./PrivacySection";
import { RetentionSection } from "./RetentionSection";
import { SourcesSection } from "./SourcesSection";

/** How a project is set, who may do what in it, and what was changed. */
export function SettingsPage() {
  return <ProjectPage>{(project) => <Settings key={project.id} project={project} />}</ProjectPage>;
}

function Settings({ project }: { project: Project }) {
  return (
    <>
      <PageTitle
        title="Settings"
        tab={`Settings of ${project.name}`}
        note={`${project.name} · changes reach apps and pages within 5 seconds`}
      />
      <TabbedSections
        label="Settings"
        base={`/projects/${project.id}/settings`}
        sections={[
          { path: "", label: "General", content: <GeneralSection project={project} /> },
          { path: "keys", label: "Keys", content: <KeysSection project={project} /> },
          { path: "sources", label: "Sources", content: <SourcesSection project={project} /> },
          { path: "limits", label: "Limits", content: <LimitsSection project={project} /> },
          { path: "privacy", label: "Privacy", content: <PrivacySection project={project} /> },
          { path: "origins", label: "Web origins", content: <OriginsSection project={project} /> },
          { path: "retention", label: "Retention", content: <RetentionSection project={project} /> },
          { path: "members", label: "Members", content: <MembersSection project={project} /> },
          {
            path: "audit-log",
            label: "Audit log",
            content: (
              <AuditLog projectId={project.id} zone={project.timezone} locked={missingPermission(project.role, "admin")} />
            ),
          },
          { path: "danger", label: "Danger zone", content: <DangerSection project={project} />, isDestructive: true },
        ]}
      />
    </>
  );
}

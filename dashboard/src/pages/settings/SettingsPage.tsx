import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { missingPermission } from "../../api/projects/roles";
import { PageTitle } from "../../components/page/PageTitle";
import { TabbedSections } from "../../components/page/TabbedSections";
import { AuditLog } from "../../features/auditLog/AuditLog";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { ChannelsSection } from "./ChannelsSection";
import { CommunitiesSection } from "./CommunitiesSection";
import { DangerSection } from "./DangerSection";
import { GeneralSection } from "./GeneralSection";
import { KeysSection } from "./KeysSection";
import { LimitsSection } from "./LimitsSection";
import { MembersSection } from "./MembersSection";
import { OriginsSection } from "./OriginsSection";
import { PrivacySection } from "./PrivacySection";
import { RetentionSection } from "./RetentionSection";
import { SourcesSection } from "./SourcesSection";

/** The settings of a project, its keys, members and audit log. */
export function SettingsPage() {
  return <ProjectPage>{(project) => <Settings key={project.id} project={project} />}</ProjectPage>;
}

function Settings({ project }: { project: Project }) {
  const { sections } = t.settings;
  const forbiddenReason = missingPermission(project.role, "admin");
  return (
    <TabbedSections
      title={<PageTitle title={t.settings.title} tab={t.settings.tab(project.name)} note={t.settings.note(project.name)} />}
      label={t.settings.title}
      base={projectAddress(project.id, "/settings")}
      sections={[
        { path: "", label: sections.general, content: <GeneralSection project={project} /> },
        { path: "keys", label: sections.keys, content: <KeysSection project={project} /> },
        { path: "sources", label: sections.sources, content: <SourcesSection project={project} /> },
        { path: "limits", label: sections.limits, content: <LimitsSection project={project} /> },
        { path: "privacy", label: sections.privacy, content: <PrivacySection project={project} /> },
        { path: "origins", label: sections.origins, content: <OriginsSection project={project} /> },
        { path: "retention", label: sections.retention, content: <RetentionSection project={project} /> },
        { path: "communities", label: sections.communities, content: <CommunitiesSection project={project} /> },
        { path: "channels", label: sections.channels, content: <ChannelsSection project={project} /> },
        { path: "members", label: sections.members, content: <MembersSection project={project} /> },
        {
          path: "audit-log",
          label: sections.auditLog,
          content: <AuditLog projectId={project.id} zone={project.timezone} forbiddenReason={forbiddenReason} />,
        },
        { path: "danger", label: sections.danger, content: <DangerSection project={project} />, isDestructive: true },
      ]}
    />
  );
}

import { useMe } from "../../api/account/login";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { TabbedSections } from "../../components/page/TabbedSections";
import { AuditLog } from "../../features/auditLog/AuditLog";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { AccountInvitations } from "./AccountInvitations";
import { AggregatesSection } from "./AggregatesSection";
import { DeadLettersSection } from "./DeadLettersSection";
import { JobsSection } from "./JobsSection";
import { ProjectsSection } from "./ProjectsSection";
import { SystemSection } from "./SystemSection";
import { UsersSection } from "./UsersSection";

/** The accounts, the audit log and the state of the server; for its owners. */
export function AdminPage() {
  const me = useMe().data;
  if (!me) return null; // The shell shows why.
  const title = <PageTitle title={t.admin.title} note={t.admin.note} />;
  return (
    <>
      {me.is_superuser ? (
        <TabbedSections
          title={title}
          label={t.admin.title}
          base="/admin"
          isWide
          sections={[
            { path: "system", label: t.system.title, content: <SystemSection /> },
            { path: "jobs", label: t.jobs.title, content: <JobsSection /> },
            { path: "aggregates", label: t.aggregates.title, content: <AggregatesSection /> },
            { path: "projects", label: t.admin.projects.title, content: <ProjectsSection /> },
            { path: "dead-letters", label: t.deadLetters.title, content: <DeadLettersSection /> },
            { path: "", label: t.admin.accounts, content: <UsersSection me={me} /> },
            { path: "invitations", label: t.admin.invitations, content: <AccountInvitations /> },
            { path: "audit-log", label: t.auditLog.title, content: <AuditLog projectId={null} zone={browserZone()} /> },
          ]}
        />
      ) : (
        <>
          {title}
          <Panel title={t.admin.noAccess}>
            <PermissionNote reason={t.admin.onlyOwners} />
          </Panel>
        </>
      )}
    </>
  );
}

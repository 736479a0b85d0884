import { useMe } from "../../api/login";
import { PageTitle } from "../../components/PageTitle";
import { PermissionNote } from "../../components/PermissionNote";
import { Panel } from "../../components/Panel";
import { TabbedSections } from "../../components/TabbedSections";
import { AuditLog } from "../../features/auditLog/AuditLog";
import { browserZone } from "../../format/timeZones";
import { AccountInvitations } from "./AccountInvitations";
import { UsersSection } from "./UsersSection";

/** What concerns no single project; for those who look after the installation. */
export function InstallationPage() {
  const me = useMe().data;
  if (!me) return null; // The shell shows why.
  return (
    <>
      <PageTitle title="Installation" note="Accounts, and what concerns no single project" />
      {me.is_superuser ? (
        <TabbedSections
          label="Installation"
          base="/installation"
          sections={[
            { path: "", label: "Accounts", content: <UsersSection me={me} /> },
            { path: "invitations", label: "Invitations", content: <AccountInvitations /> },
            { path: "audit-log", label: "Audit log", content: <AuditLog projectId={null} zone={browserZone()} /> },
          ]}
        />
      ) : (
        <Panel title="Not for this account">
          <PermissionNote reason="Only an owner of the installation sees this. Ask one of them for what you need." />
        </Panel>
      )}
    </>
  );
}

import { useAccountInvitations, useWithdrawAccountInvitation } from "../../api/operations/admin";
import type { Invitation } from "../../api/requests/client";
import { Panel } from "../../components/page/Panel";
import { ResourceList } from "../../components/tables/ResourceList";
import { InvitationItem } from "../../features/invitations/InvitationItem";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { InviteAccount } from "./InviteAccount";

/** Open invitations to create an account. Invitations to a project are in its settings. */
export function AccountInvitations() {
  const invitations = useAccountInvitations();
  return (
    <Panel title={t.invitation.open} actions={<InviteAccount />}>
      <ResourceList label={t.invitation.open} list={invitations} empty={t.admin.noInvitations}>
        {(invitation) => <OpenInvitation key={invitation.id} invitation={invitation} />}
      </ResourceList>
    </Panel>
  );
}

function OpenInvitation({ invitation }: { invitation: Invitation }) {
  const withdraw = useWithdrawAccountInvitation(invitation.id);
  return <InvitationItem invitation={invitation} zone={browserZone()} withdraw={withdraw} />;
}

import type { Invitation } from "../../api/client";
import { useAccountInvitations, useWithdrawAccountInvitation } from "../../api/installation";
import { InvitationItem } from "../../features/invitations/InvitationItem";
import { Panel } from "../../components/Panel";
import { ResourceList } from "../../components/ResourceList";
import { browserZone } from "../../format/timeZones";
import { InviteAccount } from "./InviteAccount";

/** Who may make an account here, and has not yet. Invitations to a project are in its settings. */
export function AccountInvitations() {
  const invitations = useAccountInvitations();
  return (
    <Panel title="Open invitations" actions={<InviteAccount />}>
      <ResourceList
        label="Open invitations"
        list={invitations}
        empty="There is none. Invitations to a project stand in its settings, under members."
      >
        {(invitation) => <Withdrawable key={invitation.id} invitation={invitation} />}
      </ResourceList>
    </Panel>
  );
}

function Withdrawable({ invitation }: { invitation: Invitation }) {
  const withdraw = useWithdrawAccountInvitation(invitation.id);
  return <InvitationItem invitation={invitation} zone={browserZone()} withdraw={withdraw} />;
}

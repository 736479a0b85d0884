import type { Invitation } from "../../api/client";
import { useAccountInvitations, useWithdrawAccountInvitation } from "../../api/installation";
import { InvitationRow } from "../../components/InvitationRow";
import { Panel } from "../../components/Panel";
import { Rows } from "../../components/Rows";
import { browserZone } from "../projects/zones";
import { InviteAccount } from "./InviteAccount";

/** Who may make an account here, and has not yet. Invitations to a project are in its settings. */
export function AccountInvitations() {
  const invitations = useAccountInvitations();
  return (
    <Panel title="Open invitations" actions={<InviteAccount />}>
      <Rows
        label="Open invitations"
        list={invitations}
        empty="There is none. Invitations to a project stand in its settings, under members."
      >
        {(invitation) => <Withdrawable key={invitation.id} invitation={invitation} />}
      </Rows>
    </Panel>
  );
}

function Withdrawable({ invitation }: { invitation: Invitation }) {
  const withdraw = useWithdrawAccountInvitation(invitation.id);
  return <InvitationRow invitation={invitation} zone={browserZone()} withdraw={withdraw} />;
}

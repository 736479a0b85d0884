import { useInviteAccount } from "../../api/operations/admin";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { invitationLink } from "../../features/invitations/invitationLink";
import { InviteDialog } from "../../features/invitations/InviteDialog";
import { t } from "../../texts";

/** Invite somebody to create an account. */
export function InviteAccount() {
  const showOnce = useShowOnce();
  const invite = useInviteAccount((invitation) => {
    showOnce(invitationLink(invitation, t.admin.inviteTarget));
  });
  return <InviteDialog title={t.admin.inviteTitle} roles={[]} invite={invite} />;
}

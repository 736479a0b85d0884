import { useInviteAccount } from "../../api/installation";
import { invitationLink } from "../../features/invitations/invitationLink";
import { InviteDialog } from "../../features/invitations/InviteDialog";
import { useShowOnce } from "../../components/showOnce/useShowOnce";

/** Invite somebody to make an account. */
export function InviteAccount() {
  const showOnce = useShowOnce();
  const invite = useInviteAccount((made) => {
    showOnce(invitationLink(made, "make an account"));
  });
  return <InviteDialog title="Invite somebody to make an account" roles={[]} change={invite} />;
}

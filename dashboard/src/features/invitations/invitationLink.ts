import type { NewInvitation } from "../../api/requests/client";
import type { ShownOnce } from "../../components/showOnce/useShowOnce";
import { t } from "../../texts";

/** The link of a new invitation. Tidemark sends no e-mail: the person who invites passes it on. */
export function invitationLink({ email, link }: NewInvitation, target: string): ShownOnce {
  return {
    title: t.invitation.linkTitle(email),
    warning: t.invitation.linkWarning(email),
    values: [{ label: t.invitation.linkTo(target), value: link }],
  };
}

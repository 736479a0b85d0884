import type { NewInvitation } from "../../api/client";
import type { ShownOnce } from "../../components/showOnce/useShowOnce";

/** The link of an invitation that was just made. Tidemark sends no mail: the person passes it on. */
export function invitationLink(made: NewInvitation, place: string): ShownOnce {
  return {
    title: `Invitation for ${made.email}`,
    warning: `Pass this link on to ${made.email}: Tidemark sends no mail. It is good for 7 days and for that address alone. If it is lost, invite the address again.`,
    values: [{ label: `Link to ${place}`, value: made.link }],
  };
}

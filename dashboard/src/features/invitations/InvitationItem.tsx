import { Badge } from "@mantine/core";
import type { MutationState } from "../../api/useApiMutation";
import type { Invitation } from "../../api/client";
import { exactTime } from "../../format/time";
import { ConfirmButton } from "../../components/ConfirmButton";
import { ResourceListItem } from "../../components/ResourceList";

interface InvitationItemProps {
  invitation: Invitation;
  /** Whose clock its times are shown by. */
  zone: string;
  withdraw: MutationState & { mutate: (none: undefined, options: { onSuccess: () => void }) => void; reset: () => void };
  showRole?: boolean;
}

/** An invitation that was not accepted yet, and the way to take it back. */
export function InvitationItem({ invitation, zone, withdraw, showRole = false }: InvitationItemProps) {
  const { email } = invitation;
  return (
    <ResourceListItem
      name={email}
      marks={
        showRole ? (
          <Badge size="sm" variant="default">
            {invitation.role}
          </Badge>
        ) : null
      }
      note={`Good until ${exactTime(invitation.expires_at, zone)}`}
      actions={
        <ConfirmButton
          label="Withdraw"
          ariaLabel={`Withdraw the invitation of ${email}`}
          title="Withdraw this invitation?"
          action="Withdraw it"
          keep="Keep it"
          change={withdraw}
          onConfirm={(done) => {
            withdraw.mutate(undefined, { onSuccess: done });
          }}
        >
          The link that {email} has no longer opens.
        </ConfirmButton>
      }
    />
  );
}

import { Badge } from "@mantine/core";
import type { Invitation } from "../../api/requests/client";
import type { MutationState } from "../../api/cache/useApiMutation";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { t } from "../../texts";

interface InvitationItemProps {
  invitation: Invitation;
  /** The time zone that times are shown in. */
  zone: string;
  withdraw: MutationState & { mutate: (none: undefined, options: { onSuccess: () => void }) => void; reset: () => void };
  showRole?: boolean;
}

/** An invitation that was not accepted yet, and the button that withdraws it. */
export function InvitationItem({ invitation, zone, withdraw, showRole = false }: InvitationItemProps) {
  const { email, role, expires_at: expiresAt } = invitation;
  return (
    <ResourceListItem
      name={email}
      badges={
        showRole ? (
          <Badge size="sm" variant="default">
            {t.roles.names[role]}
          </Badge>
        ) : null
      }
      note={t.invitation.validUntil(exactTime(expiresAt, zone))}
      actions={
        <ConfirmButton
          label={t.invitation.withdraw}
          ariaLabel={t.invitation.withdrawOf(email)}
          title={t.invitation.withdrawTitle}
          action={t.invitation.withdrawAction}
          cancelLabel={t.invitation.keep}
          mutation={withdraw}
          onConfirm={(onDone) => {
            withdraw.mutate(undefined, { onSuccess: onDone });
          }}
        >
          {t.invitation.withdrawEffect(email)}
        </ConfirmButton>
      }
    />
  );
}

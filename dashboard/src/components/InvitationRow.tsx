import { Badge } from "@mantine/core";
import type { Attempt } from "../api/changes";
import type { Invitation } from "../api/client";
import { exactTime } from "../format/time";
import { ConfirmButton } from "./ConfirmButton";
import { Row } from "./Rows";

interface InvitationRowProps {
  invitation: Invitation;
  /** Whose clock its times are shown by. */
  zone: string;
  withdraw: Attempt & { mutate: (none: undefined, options: { onSuccess: () => void }) => void; reset: () => void };
  showRole?: boolean;
}

/** An invitation that was not accepted yet, and the way to take it back. */
export function InvitationRow({ invitation, zone, withdraw, showRole = false }: InvitationRowProps) {
  const { email } = invitation;
  return (
    <Row
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
          spoken={`Withdraw the invitation of ${email}`}
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

import { Badge } from "@mantine/core";
import { useEndOtherSessions, useEndSession, useSessions } from "../../api/account/account";
import type { Session } from "../../api/requests/client";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { deviceName } from "../../format/device";
import { ago, exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";

/** The devices on which the account is signed in. */
export function SessionsPanel() {
  const sessions = useSessions();
  const hasOthers = sessions.data?.some((session) => !session.is_current) ?? false;
  return (
    <Panel title={t.account.sessions} actions={hasOthers ? <EndOthers /> : null}>
      <ResourceList label={t.account.sessionList} list={sessions} empty={t.account.noSessions}>
        {(session) => <SessionItem key={session.id} session={session} now={sessions.dataUpdatedAt} />}
      </ResourceList>
    </Panel>
  );
}

function SessionItem({ session, now }: { session: Session; now: number }) {
  const device = deviceName(session.user_agent);
  const zone = browserZone();
  return (
    <ResourceListItem
      name={<span title={session.user_agent}>{device}</span>}
      badges={
        session.is_current ? (
          <Badge variant="light" size="sm">
            {t.account.thisDevice}
          </Badge>
        ) : null
      }
      note={
        <>
          <span title={exactTime(session.last_used_at, zone)}>{t.account.lastActive(ago(session.last_used_at, now))}</span>{" "}
          {t.account.sessionNote(addressOf(session), exactTime(session.created_at, zone))}
        </>
      }
      actions={session.is_current ? null : <EndSession session={session} device={device} />}
    />
  );
}

function addressOf({ address }: Session): string {
  return address || t.account.unknownAddress;
}

function EndSession({ session, device }: { session: Session; device: string }) {
  const end = useEndSession();
  return (
    <ConfirmButton
      label={t.shell.signOut}
      ariaLabel={t.account.signOutDevice(device)}
      title={t.account.signOutDeviceTitle}
      action={t.account.signOutAction}
      mutation={end}
      onConfirm={(onDone) => {
        end.mutate(session.id, { onSuccess: onDone });
      }}
    >
      {t.account.signOutNote(device, addressOf(session))}
    </ConfirmButton>
  );
}

function EndOthers() {
  const end = useEndOtherSessions();
  return (
    <ConfirmButton
      label={t.account.signOutOthers}
      title={t.account.signOutOthersTitle}
      action={t.account.signOutOthersAction}
      mutation={end}
      onConfirm={(onDone) => {
        end.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {t.account.signOutOthersNote}
    </ConfirmButton>
  );
}

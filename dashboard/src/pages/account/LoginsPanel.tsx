import { Badge, Text } from "@mantine/core";
import type { Login } from "../../api/client";
import { useEndLogin, useEndOtherLogins, useLogins } from "../../api/account";
import { ConfirmButton } from "../../components/ConfirmButton";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { deviceName } from "../../format/device";
import { ago, exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";

/** Where one is logged in. */
export function LoginsPanel() {
  const logins = useLogins();
  const hasOthers = logins.data?.some((login) => !login.is_current) ?? false;
  return (
    <Panel title="Where you are logged in" actions={hasOthers ? <EndOthers /> : null}>
      <ResourceList label="Logins" list={logins} empty="There is none.">
        {(login) => <LoginRow key={login.id} login={login} now={logins.dataUpdatedAt} />}
      </ResourceList>
    </Panel>
  );
}

function LoginRow({ login, now }: { login: Login; now: number }) {
  const device = deviceName(login.user_agent);
  const zone = browserZone();
  return (
    <ResourceListItem
      name={<span title={login.user_agent}>{device}</span>}
      marks={
        login.is_current ? (
          <Badge variant="light" size="sm">
            This one
          </Badge>
        ) : null
      }
      note={
        <>
          <span title={exactTime(login.last_used_at, zone)}>Last renewed {ago(login.last_used_at, now)}</span> from{" "}
          {login.address || "an unknown address"} · since {exactTime(login.created_at, zone)}
        </>
      }
      actions={login.is_current ? null : <EndLogin login={login} device={device} />}
    />
  );
}

function EndLogin({ login, device }: { login: Login; device: string }) {
  const end = useEndLogin();
  return (
    <ConfirmButton
      label="Log out"
      ariaLabel={`Log out ${device}`}
      title="Log this device out?"
      action="Log it out"
      change={end}
      onConfirm={(done) => {
        end.mutate(login.id, { onSuccess: done });
      }}
    >
      {device}, from {login.address || "an unknown address"}. If you do not know it, change your password as well.
    </ConfirmButton>
  );
}

function EndOthers() {
  const end = useEndOtherLogins();
  return (
    <ConfirmButton
      label="Log out everywhere else"
      title="Log out everywhere else?"
      action="Log out the others"
      change={end}
      onConfirm={(done) => {
        end.mutate(undefined, { onSuccess: done });
      }}
    >
      <Text size="sm">Every login of your account but this one ends at once.</Text>
    </ConfirmButton>
  );
}

import { Badge, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useUsers } from "../../api/operations/admin";
import type { User } from "../../api/requests/client";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { InviteAccount } from "./InviteAccount";
import { UserActions } from "./UserActions";

const TYPING_MS = 250;

/** The accounts of the server. */
export function UsersSection({ me }: { me: User }) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const users = useUsers(search);
  return (
    <Panel title={t.admin.accounts} actions={<InviteAccount />}>
      <TextInput
        aria-label={t.admin.search}
        placeholder={t.admin.searchPlaceholder}
        leftSection={<IconSearch size={15} />}
        maxLength={100}
        mb="md"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
      <ResourceList
        label={t.admin.accounts}
        list={{ data: users.data?.pages.flatMap((page) => page.items), error: users.error, refetch: users.refetch }}
        empty={t.admin.noMatch}
      >
        {(user) => <UserItem key={user.id} user={user} isMe={user.id === me.id} />}
      </ResourceList>
      <LoadMoreButton label={t.admin.showMore} list={users} />
    </Panel>
  );
}

function UserItem({ user, isMe }: { user: User; isMe: boolean }) {
  const lastLogin = user.last_login_at
    ? t.admin.lastLogin(exactTime(user.last_login_at, browserZone()))
    : t.admin.neverLoggedIn;
  return (
    <ResourceListItem
      name={user.name}
      badges={
        <>
          {isMe ? (
            <Badge size="sm" variant="light">
              {t.common.current}
            </Badge>
          ) : null}
          {user.is_superuser ? (
            <Badge size="sm" variant="default">
              {t.admin.owner}
            </Badge>
          ) : null}
          {user.has_second_factor ? (
            <Badge size="sm" variant="default">
              {t.admin.twoFactor}
            </Badge>
          ) : null}
          {user.is_active ? null : (
            <Badge size="sm" variant="light" color="coral">
              {t.admin.inactive}
            </Badge>
          )}
        </>
      }
      note={`${user.email} · ${lastLogin}`}
      actions={<UserActions user={user} isMe={isMe} />}
    />
  );
}

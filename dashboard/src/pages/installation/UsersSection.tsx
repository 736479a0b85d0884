import { Badge, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { User } from "../../api/client";
import { useUsers } from "../../api/installation";
import { LoadMoreButton } from "../../components/LoadMoreButton";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { exactTime } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { InviteAccount } from "./InviteAccount";
import { UserActions } from "./UserActions";

const TYPING_MS = 250;

/** Every account of the installation. */
export function UsersSection({ me }: { me: User }) {
  const [search, setSearch] = useState("");
  const [wanted] = useDebouncedValue(search.trim(), TYPING_MS);
  const users = useUsers(wanted);
  return (
    <Panel title="Accounts" actions={<InviteAccount />}>
      <TextInput
        aria-label="Search accounts"
        placeholder="Part of a name or address"
        leftSection={<IconSearch size={15} />}
        maxLength={100}
        mb="md"
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
        }}
      />
      <ResourceList
        label="Accounts"
        list={{ data: users.data?.pages.flatMap((page) => page.items), error: users.error, refetch: users.refetch }}
        empty="No account has that in its name or address."
      >
        {(user) => <UserRow key={user.id} user={user} isMe={user.id === me.id} />}
      </ResourceList>
      <LoadMoreButton label="Show more accounts" list={users} />
    </Panel>
  );
}

function UserRow({ user, isMe }: { user: User; isMe: boolean }) {
  const zone = browserZone();
  return (
    <ResourceListItem
      name={user.name}
      marks={
        <>
          {isMe ? (
            <Badge size="sm" variant="light">
              You
            </Badge>
          ) : null}
          {user.is_superuser ? (
            <Badge size="sm" variant="default">
              Owner
            </Badge>
          ) : null}
          {user.has_second_factor ? (
            <Badge size="sm" variant="default">
              Two-factor
            </Badge>
          ) : null}
          {user.is_active ? null : (
            <Badge size="sm" variant="light" color="coral">
              Switched off
            </Badge>
          )}
        </>
      }
      note={
        <>
          {user.email} · {user.last_login_at ? `logged in ${exactTime(user.last_login_at, zone)}` : "never logged in"}
        </>
      }
      actions={<UserActions user={user} isMe={isMe} />}
    />
  );
}

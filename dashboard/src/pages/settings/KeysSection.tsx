import { Badge, Text } from "@mantine/core";
import type { ApiKey, Project } from "../../api/client";
import { useKeys, useRevokeKey } from "../../api/keys";
import { isAtLeast, missingPermission } from "../../api/roles";
import { ConfirmButton } from "../../components/ConfirmButton";
import { CopyField } from "../../components/CopyField";
import { PermissionNote } from "../../components/PermissionNote";
import { Panel } from "../../components/Panel";
import { ResourceList, ResourceListItem } from "../../components/ResourceList";
import { exactTime } from "../../format/time";
import { CreateKey } from "./CreateKey";
import { keyName, ReplaceKey } from "./ReplaceKey";

/** The keys by which apps write, and servers read. */
export function KeysSection({ project }: { project: Project }) {
  const unseen = missingPermission(project.role, "member");
  const locked = missingPermission(project.role, "admin");
  const keys = useKeys(project.id, unseen === null);
  const lists = [
    {
      kind: "public",
      title: "Public keys",
      note: "Ship in pages and apps. They write events and read nothing.",
      empty: "There is none: no page or app can send events.",
    },
    {
      kind: "secret",
      title: "Secret keys",
      note: "For your servers: they also read this project's data. Only their beginning is kept in clear, so they cannot be shown again.",
      empty: "There is none.",
    },
  ] as const;
  if (unseen !== null) {
    return (
      <Panel title="Keys">
        <PublicKeyAlone project={project} />
        <PermissionNote reason={`${unseen} The list of keys is for members.`} />
      </Panel>
    );
  }
  return (
    <>
      {lists.map(({ kind, title, note, empty }) => (
        <Panel
          key={kind}
          title={title}
          actions={locked === null ? <CreateKey projectId={project.id} kind={kind} /> : null}
        >
          <Text size="sm" c="dimmed" mb="md">
            {note}
          </Text>
          <ResourceList
            label={title}
            list={{ ...keys, data: keys.data?.filter((key) => key.kind === kind) }}
            empty={empty}
          >
            {(key) => <KeyRow key={key.id} apiKey={key} project={project} />}
          </ResourceList>
        </Panel>
      ))}
      {locked === null ? null : <PermissionNote reason={locked} />}
    </>
  );
}

function PublicKeyAlone({ project }: { project: Project }) {
  if (!project.public_key) return null;
  return (
    <div style={{ marginBottom: 16 }}>
      <CopyField label="Public key (for pages and apps)" value={project.public_key} />
    </div>
  );
}

function KeyRow({ apiKey: key, project }: { apiKey: ApiKey; project: Project }) {
  const mayChange = isAtLeast(project.role, "admin");
  return (
    <ResourceListItem
      name={keyName(key)}
      marks={
        key.expires_at ? (
          <Badge size="sm" variant="light" color="coral">
            Replaced
          </Badge>
        ) : null
      }
      note={
        <>
          <code>{key.prefix}…</code> · made {exactTime(key.created_at, project.timezone)}
          {key.expires_at ? <> · works until {exactTime(key.expires_at, project.timezone)}</> : null}
        </>
      }
      actions={
        mayChange ? (
          <>
            {key.expires_at ? null : <ReplaceKey projectId={project.id} apiKey={key} />}
            <RevokeKey projectId={project.id} apiKey={key} />
          </>
        ) : null
      }
    >
      {key.public_key && !key.expires_at ? <CopyField label="Key" value={key.public_key} /> : null}
    </ResourceListItem>
  );
}

function RevokeKey({ projectId, apiKey: key }: { projectId: number; apiKey: ApiKey }) {
  const revoke = useRevokeKey(projectId, key.id);
  return (
    <ConfirmButton
      label="Revoke"
      ariaLabel={`Revoke ${keyName(key)} (${key.prefix}…)`}
      title={`Revoke ${keyName(key)}?`}
      action="Revoke it"
      keep="Keep it"
      change={revoke}
      onConfirm={(done) => {
        revoke.mutate(undefined, { onSuccess: done });
      }}
    >
      <code>{key.prefix}…</code> stops working within 5 seconds, for good.{" "}
      {key.kind === "public"
        ? "Pages and apps that send with it are refused, and their events are lost."
        : "Servers that use it are refused."}
    </ConfirmButton>
  );
}

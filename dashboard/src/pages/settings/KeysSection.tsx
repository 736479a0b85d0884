import { Badge, Text } from "@mantine/core";
import type { ApiKey, KeyKind, Project } from "../../api/requests/client";
import { useKeys, useRevokeKey } from "../../api/projects/keys";
import { isAtLeast, missingPermission } from "../../api/projects/roles";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { CopyField } from "../../components/text/CopyField";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { RichText } from "../../components/text/RichText";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { CreateKey } from "./CreateKey";
import { keyKind, keyLabel, keyName } from "./keyName";
import { ReplaceKey } from "./ReplaceKey";

const KINDS: readonly KeyKind[] = ["public", "secret"];

/** The keys that apps send events with, and that servers read with. */
export function KeysSection({ project }: { project: Project }) {
  const isMember = isAtLeast(project.role, "member");
  const readOnlyReason = missingPermission(project.role, "admin");
  const keys = useKeys(project.id, isMember);
  if (!isMember) {
    return (
      <Panel title={t.settings.keys.title}>
        <PublicKey project={project} />
        <PermissionNote reason={t.settings.keys.membersOnly} />
      </Panel>
    );
  }
  return (
    <>
      {KINDS.map((kind) => {
        const { title, note, empty } = t.settings.keys.kinds[kind];
        return (
          <Panel
            key={kind}
            title={title}
            actions={readOnlyReason === null ? <CreateKey projectId={project.id} kind={kind} /> : null}
          >
            <Text size="sm" c="dimmed" mb="md">
              {note}
            </Text>
            <ResourceList
              label={title}
              list={{ ...keys, data: keys.data?.filter((key) => key.kind === kind) }}
              empty={empty}
            >
              {(key) => <KeyItem key={key.id} apiKey={key} project={project} />}
            </ResourceList>
          </Panel>
        );
      })}
      {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
    </>
  );
}

/** The project's public key, for those who may not see the list. */
function PublicKey({ project }: { project: Project }) {
  if (!project.public_key) return null;
  return (
    <div style={{ marginBottom: 16 }}>
      <CopyField label={t.settings.keys.publicKey} value={project.public_key} />
    </div>
  );
}

function KeyItem({ apiKey: key, project }: { apiKey: ApiKey; project: Project }) {
  const texts = t.settings.keys;
  const times = [
    texts.created(exactTime(key.created_at, project.timezone)),
    ...(key.expires_at ? [texts.worksUntil(exactTime(key.expires_at, project.timezone))] : []),
  ];
  return (
    <ResourceListItem
      name={keyName(key)}
      badges={
        key.expires_at ? (
          <Badge size="sm" variant="light" color="coral">
            {texts.replaced}
          </Badge>
        ) : null
      }
      note={
        <>
          <code>{texts.masked(key.prefix)}</code> · {times.join(" · ")}
        </>
      }
      actions={
        isAtLeast(project.role, "admin") ? (
          <>
            {key.expires_at ? null : <ReplaceKey projectId={project.id} apiKey={key} />}
            <RevokeKey projectId={project.id} apiKey={key} />
          </>
        ) : null
      }
    >
      {key.public_key && !key.expires_at ? <CopyField label={texts.key} value={key.public_key} /> : null}
    </ResourceListItem>
  );
}

function RevokeKey({ projectId, apiKey: key }: { projectId: number; apiKey: ApiKey }) {
  const revoke = useRevokeKey(projectId, key.id);
  const texts = t.settings.keys;
  return (
    <ConfirmButton
      label={texts.revoke}
      ariaLabel={texts.revokeOf(keyLabel(key))}
      title={texts.revokeTitle(keyName(key))}
      action={texts.revokeAction}
      cancelLabel={texts.keep}
      mutation={revoke}
      onConfirm={(onDone) => {
        revoke.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <RichText text={texts.revokeEffect[keyKind(key)]} values={{ key: <code>{texts.masked(key.prefix)}</code> }} />
    </ConfirmButton>
  );
}

import { Badge, Button, Text } from "@mantine/core";
import { useState } from "react";
import { useChangeChannel, useChannels, useDeleteChannel, useNewSigningKey, useTestChannel, type Channel } from "../../api/alerts/channels";
import type { Project } from "../../api/requests/client";
import { isAtLeast, missingPermission } from "../../api/projects/roles";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { SwitchNow } from "../../components/forms/SwitchNow";
import { t } from "../../texts";
import { ChannelMessages } from "./ChannelMessages";
import { AddChannel, EditChannel } from "./EditChannel";
import { signingKeyOnce } from "./signingKeyOnce";

/** Where alerts and reports of a project are sent, and what became of them. */
export function ChannelsSection({ project }: { project: Project }) {
  const channels = useChannels(project.id);
  const readOnlyReason = missingPermission(project.role, "member");
  return (
    <Panel title={t.channels.title} actions={readOnlyReason === null ? <AddChannel projectId={project.id} /> : null}>
      <Text size="sm" c="dimmed" mb="md">
        {t.channels.note}
      </Text>
      <ResourceList label={t.channels.title} list={channels} empty={t.channels.empty}>
        {(channel) => <ChannelItem key={channel.id} channel={channel} project={project} />}
      </ResourceList>
      {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
    </Panel>
  );
}

function ChannelItem({ channel, project }: { channel: Channel; project: Project }) {
  const [isOpen, setIsOpen] = useState(false);
  const test = useTestChannel(project.id, channel.id);
  const mayChange = isAtLeast(project.role, "member");
  const { name } = channel;
  return (
    <ResourceListItem
      name={name}
      badges={
        <>
          <Badge size="sm" variant="default">
            {t.channels.kinds[channel.kind]}
          </Badge>
          {channel.is_enabled ? null : (
            <Badge size="sm" variant="light" color="coral">
              {t.common.off}
            </Badge>
          )}
        </>
      }
      note={channel.kind === "email" ? channel.recipients.join(", ") : [channel.server, channel.chat_id].filter(Boolean).join(" · ")}
      actions={
        <>
          {mayChange ? <ChannelSwitch projectId={project.id} channel={channel} /> : null}
          {mayChange ? (
            <Button
              variant="default"
              size="xs"
              loading={test.isPending}
              aria-label={t.channels.testOf(name)}
              onClick={() => {
                // Not before: a list that is on its way without the test would not be fetched again.
                test.mutate(undefined, {
                  onSettled: () => {
                    setIsOpen(true);
                  },
                });
              }}
            >
              {t.channels.test}
            </Button>
          ) : null}
          <Button
            variant="default"
            size="xs"
            aria-expanded={isOpen}
            aria-label={isOpen ? t.channels.hideMessagesOf(name) : t.channels.showMessagesOf(name)}
            onClick={() => {
              setIsOpen(!isOpen);
            }}
          >
            {isOpen ? t.channels.hideMessages : t.channels.showMessages}
          </Button>
          {mayChange ? (
            <>
              <EditChannel projectId={project.id} channel={channel} />
              {channel.kind === "webhook" ? <NewSigningKey projectId={project.id} channel={channel} /> : null}
              <DeleteChannel projectId={project.id} channel={channel} />
            </>
          ) : null}
        </>
      }
    >
      {test.error ? (
        <Text size="sm" role="alert" c="var(--tm-down)">
          {test.error.message}
        </Text>
      ) : null}
      {isOpen ? <ChannelMessages project={project} channel={channel} /> : null}
    </ResourceListItem>
  );
}

/** Switches sending to a channel on or off at once. */
function ChannelSwitch({ projectId, channel }: { projectId: number; channel: Channel }) {
  const change = useChangeChannel(projectId, channel.id);
  return (
    <SwitchNow
      label={t.channels.enable(channel.name)}
      isOn={change.isPending ? change.variables.is_enabled === true : channel.is_enabled}
      error={change.error}
      onChange={(isEnabled) => {
        change.mutate({ is_enabled: isEnabled });
      }}
    />
  );
}

function NewSigningKey({ projectId, channel: { id, name } }: { projectId: number; channel: Channel }) {
  const showOnce = useShowOnce();
  const renew = useNewSigningKey(projectId, id, (key) => {
    showOnce(signingKeyOnce(name, key));
  });
  return (
    <ConfirmButton
      label={t.channels.newKey}
      ariaLabel={t.channels.newKeyOf(name)}
      title={t.channels.newKeyTitle(name)}
      action={t.channels.newKeyAction}
      cancelLabel={t.channels.keep}
      mutation={renew}
      onConfirm={(onDone) => {
        renew.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {t.channels.newKeyEffect}
    </ConfirmButton>
  );
}

function DeleteChannel({ projectId, channel: { id, name } }: { projectId: number; channel: Channel }) {
  const remove = useDeleteChannel(projectId, id);
  return (
    <ConfirmButton
      label={t.common.delete}
      ariaLabel={t.channels.removeOf(name)}
      title={t.channels.removeTitle(name)}
      action={t.channels.removeAction}
      cancelLabel={t.channels.keep}
      mutation={remove}
      onConfirm={(onDone) => {
        remove.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {t.channels.removeEffect}
    </ConfirmButton>
  );
}

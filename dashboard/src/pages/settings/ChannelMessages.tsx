import { Badge, Box, Button, Text } from "@mantine/core";
import { useDeliveries, useRetryDelivery, type Channel, type Delivery } from "../../api/alerts/channels";
import type { Project } from "../../api/requests/client";
import { isAtLeast } from "../../api/projects/roles";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { ResourceList, ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { t } from "../../texts";

const COLOURS: Record<Delivery["state"], string> = { waiting: "gray", sent: "tide", failed: "coral", given_up: "coral" };

/** The messages of a channel, the newest first, with the reasons of failures. */
export function ChannelMessages({ project, channel }: { project: Project; channel: Channel }) {
  const deliveries = useDeliveries(project.id, channel.id);
  const { data, error, refetch } = deliveries;
  return (
    <Box pl="md" style={{ borderInlineStart: "2px solid var(--tm-line)" }}>
      <ResourceList
        label={t.channels.showMessagesOf(channel.name)}
        list={{ data: data?.pages.flatMap(({ items }) => items), error, refetch }}
        empty={t.channels.noMessages}
      >
        {(delivery) => <Message key={delivery.id} delivery={delivery} project={project} channel={channel} />}
      </ResourceList>
      <LoadMoreButton label={t.channels.older} list={deliveries} />
    </Box>
  );
}

function Message({ delivery, project, channel }: { delivery: Delivery; project: Project; channel: Channel }) {
  const retry = useRetryDelivery(project.id, channel.id);
  const zone = project.timezone;
  const { id, kind, title, state, attempts, last_error, error_code, error_detail, next_attempt_at, created_at, sent_at } = delivery;
  const name = title ?? t.channels.messageKinds[kind];
  const details = [
    exactTime(sent_at ?? created_at, zone),
    ...(attempts > 1 ? [t.channels.attempts(attempts)] : []),
    ...(state === "failed" && next_attempt_at !== null ? [t.channels.nextAttempt(exactTime(next_attempt_at, zone))] : []),
  ];
  return (
    <ResourceListItem
      name={name}
      badges={
        <Badge size="sm" variant="light" color={COLOURS[state]}>
          {t.channels.states[state]}
        </Badge>
      }
      note={details.join(" · ")}
      actions={
        (state === "failed" || state === "given_up") && isAtLeast(project.role, "member") ? (
          <Button
            variant="default"
            size="xs"
            loading={retry.isPending}
            aria-label={t.channels.tryAgainOf(name)}
            onClick={() => {
              retry.mutate(id);
            }}
          >
            {t.channels.tryAgain}
          </Button>
        ) : null
      }
    >
      {retry.error ? (
        <Text size="sm" role="alert" c="var(--tm-down)">
          {retry.error.message}
        </Text>
      ) : null}
      {last_error !== null && state !== "sent" ? (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {error_code === null ? last_error : t.channels.failures[error_code](error_detail ?? "")}
        </Text>
      ) : null}
    </ResourceListItem>
  );
}

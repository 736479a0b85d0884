import { Anchor, Badge, Button, Group, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { useAlertEvents, useChangeAlertEvent, type AlertEvent, type AlertEventFilter } from "../../api/alerts/alerts";
import { EmptyState } from "../../components/states/EmptyState";
import { FormDialog } from "../../components/forms/FormDialog";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { PageTitle } from "../../components/page/PageTitle";
import { useAddressState } from "../../components/page/useAddressState";
import { useNow } from "../../components/time/useNow";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { ago } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { eventFacts } from "./eventFacts";
import classes from "./InboxPage.module.css";

const COLOURS = { firing: "coral", acknowledged: "tide", resolved: "gray" } as const;

/** What the alerts of all projects have found, and who takes care of it. */
export function InboxPage() {
  const [chosen, setChosen] = useAddressState("state");
  const state: AlertEventFilter = chosen === "resolved" ? "resolved" : "open";
  const events = useAlertEvents(state);
  const [changed, setChanged] = useState<{ event: AlertEvent; change: "acknowledge" | "resolve" } | null>(null);
  const items = events.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageTitle title={t.inbox.title} note={t.inbox.note} />
      <Stack gap="var(--tm-gap)">
        <SegmentedControl
          aria-label={t.inbox.filter}
          style={{ alignSelf: "start" }}
          data={(["open", "resolved"] as const).map((value) => ({ value, label: t.inbox[value] }))}
          value={state}
          onChange={(value) => {
            setChosen(value === "open" ? "" : value);
          }}
        />
        {events.error ? <ErrorAlert title={t.inbox.notLoaded} error={events.error} retry={() => void events.refetch()} /> : null}
        {!items && !events.error ? <LoadingSkeleton height={220} radius="lg" aria-busy="true" /> : null}
        {items?.length === 0 ? (
          <div className={classes.panel}>
            <EmptyState title={state === "open" ? t.inbox.none : t.inbox.noneResolved} note={state === "open" ? t.inbox.noneHint : undefined} />
          </div>
        ) : null}
        {items?.map((event) => (
          <Entry
            key={`${event.project_id} ${event.id}`}
            event={event}
            onChange={(change) => {
              setChanged({ event, change });
            }}
          />
        ))}
        <LoadMoreButton label={t.inbox.loadMore} list={events} />
      </Stack>
      {changed ? <ChangeDialog {...changed} onClose={() => { setChanged(null); }} /> : null}
    </>
  );
}

function Entry({ event, onChange }: { event: AlertEvent; onChange: (change: "acknowledge" | "resolve") => void }) {
  const now = useNow();
  const isOpen = event.state !== "resolved";
  return (
    <article className={classes.panel} aria-label={event.alert_name}>
      <Group justify="space-between" align="start" gap="sm">
        <Stack gap={4} style={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <Group gap="xs">
            <Badge variant="light" tt="none" color={COLOURS[event.state]}>
              {t.inbox.states[event.state]}
            </Badge>
            <Text fw={600}>{event.alert_name}</Text>
            <Anchor component={Link} size="sm" to={projectAddress(event.project_id, "/alerts")}>
              {event.project_name}
            </Anchor>
          </Group>
          <Text size="sm">{eventFacts(event).join(" · ")}</Text>
          <Text size="xs" c="dimmed">
            {[
              t.inbox.firedAt(ago(event.fired_at, now)),
              ...(event.acknowledged_at === null ? [] : [t.inbox.acknowledgedBy(event.acknowledged_by_email ?? t.inbox.somebody, ago(event.acknowledged_at, now))]),
              ...(event.resolved_at === null ? [] : [t.inbox.resolvedAt(ago(event.resolved_at, now))]),
              ...(event.resolution === "" ? [] : [t.inbox.resolutions[event.resolution]]),
            ].join(" · ")}
          </Text>
          {event.note ? <Text size="sm">{event.note}</Text> : null}
        </Stack>
        {isOpen ? (
          <Group gap="xs">
            {event.state === "firing" ? (
              <Button size="xs" variant="default" aria-label={t.inbox.acknowledgeOf(event.alert_name)} onClick={() => { onChange("acknowledge"); }}>
                {t.inbox.acknowledge}
              </Button>
            ) : null}
            <Button size="xs" variant="default" aria-label={t.inbox.resolveOf(event.alert_name)} onClick={() => { onChange("resolve"); }}>
              {t.inbox.resolve}
            </Button>
          </Group>
        ) : null}
      </Group>
    </article>
  );
}

function ChangeDialog({ event, change, onClose }: { event: AlertEvent; change: "acknowledge" | "resolve"; onClose: () => void }) {
  const send = useChangeAlertEvent(change);
  const [note, setNote] = useState("");
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={change === "acknowledge" ? t.inbox.acknowledgeOf(event.alert_name) : t.inbox.resolveOf(event.alert_name)}
      mutation={send}
      fields={["note"]}
      submitLabel={t.inbox[change]}
      onSubmit={() => {
        send.mutate({ event, note: note.trim() }, { onSuccess: onClose });
      }}
    >
      <Text size="sm">{change === "acknowledge" ? t.inbox.acknowledgeNote : t.inbox.resolveNote}</Text>
      <Textarea
        label={t.inbox.noteField}
        rows={3}
        maxLength={2_000}
        data-autofocus
        value={note}
        onChange={(one) => {
          setNote(one.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}

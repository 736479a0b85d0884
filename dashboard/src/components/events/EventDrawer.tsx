import { ActionIcon, Anchor, Drawer, Group, ScrollArea, SegmentedControl, Stack, Text, Tooltip } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project, RecentEvent } from "../../api/requests/client";
import { countryName } from "../../format/country";
import { duration } from "../../format/duration";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { CopyField } from "../text/CopyField";
import classes from "./EventDrawer.module.css";
import { eventCommand } from "./eventCommand";
import { SafeLink } from "../text/SafeLink";

interface EventDrawerProps {
  project: Project;
  /** null: the drawer is closed. */
  event: RecentEvent | null;
  onClose: () => void;
  /** Show only events with this value; missing: the page has no filters. */
  onFilter?: (property: string, value: string) => void;
}

const LATE_SECONDS = 60;
const texts = t.events.drawer;

/** One event with everything that is stored of it. All of its fields are untrusted, and shown as text. */
export function EventDrawer({ project, event, onClose, onFilter }: EventDrawerProps) {
  return (
    <Drawer
      opened={event !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={<span className={classes.title}>{event ? event.event_name : ""}</span>}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      {event ? <Content project={project} event={event} onFilter={onFilter} /> : null}
    </Drawer>
  );
}

interface ContentProps {
  project: Project;
  event: RecentEvent;
  onFilter: EventDrawerProps["onFilter"] | undefined;
}

function Content({ project, event, onFilter }: ContentProps) {
  const [view, setView] = useState<"pretty" | "raw">("pretty");
  const late = (new Date(event.received_at).getTime() - new Date(event.timestamp).getTime()) / 1_000;
  return (
    <Stack gap="md">
      {late > LATE_SECONDS ? (
        <Text size="sm" c="var(--tm-down)">
          {texts.late(duration(late))}
        </Text>
      ) : null}
      <Rows rows={facts(event, project.timezone)} onFilter={onFilter} />
      <Group gap="md">
        <Anchor component={Link} size="sm" to={projectAddress(project.id, `/people?search=${encodeURIComponent(event.distinct_id)}`)}>
          {texts.person}
        </Anchor>
        {event.session_id === null ? null : (
          <Anchor component={Link} size="sm" to={projectAddress(project.id, `/events?session=${encodeURIComponent(event.session_id)}`)}>
            {texts.session}
          </Anchor>
        )}
        <Anchor component={Link} size="sm" to={projectAddress(project.id, `/events/catalog?name=${encodeURIComponent(event.event_name)}`)}>
          {texts.inCatalog}
        </Anchor>
      </Group>
      <SegmentedControl
        aria-label={texts.view}
        size="xs"
        value={view}
        onChange={(value) => {
          setView(value === "raw" ? "raw" : "pretty");
        }}
        data={[
          { value: "pretty", label: texts.pretty },
          { value: "raw", label: texts.raw },
        ]}
      />
      {view === "pretty" ? <Properties event={event} onFilter={onFilter} /> : null}
      {view === "raw" ? (
        <ScrollArea.Autosize mah={420} type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": texts.raw }}>
          <pre className={classes.raw}>{JSON.stringify(event, null, 2)}</pre>
        </ScrollArea.Autosize>
      ) : null}
      <CopyField label={texts.copyCurl} value={eventCommand(window.location.origin, project.public_key, event)} />
    </Stack>
  );
}

interface Row {
  /** The name of the property in filters; null: there are no filters by it. */
  property: string | null;
  label: string;
  value: string;
  shown?: ReactNode;
}

function Rows({ rows, onFilter }: { rows: Row[]; onFilter: ContentProps["onFilter"] }) {
  return (
    <dl className={classes.rows}>
      {rows.map(({ property, label, value, shown = value }) => (
        <div key={label} className={classes.row}>
          <dt>{label}</dt>
          <dd>
            <span>{shown}</span>
            {property !== null && onFilter ? (
              <Tooltip label={texts.filterShort}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={texts.filter(label, value.slice(0, 100))}
                  onClick={() => {
                    onFilter(property, value);
                  }}
                >
                  <IconFilter size={14} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Properties({ event, onFilter }: Pick<ContentProps, "event" | "onFilter">) {
  const entries = Object.entries(event.properties);
  if (entries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {texts.none}
      </Text>
    );
  }
  const rows = entries.map(([name, value]): Row => {
    const isPlain = ["string", "number", "boolean"].includes(typeof value);
    return { property: isPlain ? name : null, label: name, value: isPlain ? String(value) : JSON.stringify(value) };
  });
  return <Rows rows={rows} onFilter={onFilter} />;
}

/** What is stored of an event beside its properties, without what it lacks. */
function facts(event: RecentEvent, zone: string): Row[] {
  const { facts: labels } = texts;
  const system = [event.os_name, event.os_version].filter((part) => part !== null).join(" ");
  const given: [property: string | null, label: string, value: string | null, shown?: ReactNode][] = [
    [null, labels.happened, exactTime(event.timestamp, zone)],
    [null, labels.received, exactTime(event.received_at, zone)],
    ["distinct_id", labels.user, event.distinct_id],
    [null, labels.session, event.session_id],
    ["source", labels.source, event.source],
    ["app_version", labels.version, event.app_version],
    ["page_url", labels.page, event.page_url, event.page_url ? <SafeLink address={event.page_url} /> : undefined],
    ["referrer", labels.referrer, event.referrer],
    ["browser", labels.browser, event.browser],
    ["os_name", labels.system, event.os_name, system],
    ["device_type", labels.device, event.device_type],
    ["country", labels.country, event.country, event.country ? countryName(event.country) : undefined],
    ["region", labels.region, event.region],
    ["city", labels.city, event.city],
    ["utm_campaign", labels.campaign, event.utm_campaign],
    [null, labels.address, event.ip],
    [null, labels.id, event.event_id],
  ];
  return given.flatMap(([property, label, value, shown]) =>
    value === null || value === "" ? [] : [{ property, label, value, ...(shown === undefined ? {} : { shown }) }],
  );
}

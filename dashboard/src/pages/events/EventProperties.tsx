import { Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import type { Project } from "../../api/requests/client";
import { useInsight } from "../../api/insights/insights";
import { useProjectQuery } from "../../api/cache/useProjectQuery";
import { FailedState } from "../../notices/FailedState";
import { Panel } from "../../components/page/Panel";
import { useAddressState } from "../../components/page/useAddressState";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { exactNumber, sharePercent } from "../../format/numbers";
import { valueName } from "../../format/valueName";
import { t } from "../../texts";
import classes from "./EventsPage.module.css";

const texts = t.events;

/** The properties of an event's latest events; a click shows how often each value occurs. */
export function EventProperties({ project, eventName }: { project: Project; eventName: string }) {
  const properties = useProjectQuery(project.id, "definitions/properties", { event_name: eventName });
  const [open, setOpen] = useAddressState("property");
  const { data } = properties;
  const most = data?.items[0]?.events ?? 0;
  return (
    <Panel title={texts.properties}>
      {properties.error ? <FailedState error={properties.error} retry={() => void properties.refetch()} /> : null}
      {!data && !properties.error ? <LoadingSkeleton height={160} aria-busy="true" /> : null}
      {data?.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {texts.noProperties}
        </Text>
      ) : null}
      {data && data.items.length > 0 ? (
        <ul className={classes.properties}>
          {data.items.map(({ name, types, events, example }) => (
            <li key={name}>
              <UnstyledButton
                className={classes.property}
                aria-expanded={open === name}
                onClick={() => {
                  setOpen(open === name ? "" : name);
                }}
              >
                <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
                <span>{name}</span>
                <span data-quiet>{types.join(", ")}</span>
                <span data-quiet className="tm-figures">
                  {sharePercent(events / Math.max(1, most))}
                </span>
                <span data-quiet>{example}</span>
              </UnstyledButton>
              {open === name ? <Values project={project} eventName={eventName} property={name} /> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

interface ValuesProps {
  project: Project;
  eventName: string;
  property: string;
}

function Values({ project, eventName, property }: ValuesProps) {
  const body = { event: eventName, breakdown: { property }, period: "30d" };
  const { data, error, refetch } = useInsight(project.id, "breakdown", body);
  if (error) return <FailedState error={error} retry={() => void refetch()} />;
  if (data?.kind !== "breakdown") return <LoadingSkeleton height={90} aria-busy="true" />;
  const { items } = data.result;
  const most = Math.max(1, ...items.map(({ events }) => events));
  return (
    <ul className={classes.values} aria-label={texts.values(property)}>
      {items.map(({ value, events }) => (
        <li key={value === null ? "" : `=${value}`}>
          <span className={classes.valueBar} style={{ width: `${(events / most) * 100}%` }} aria-hidden="true" />
          <span className={classes.valueName}>{valueName(value)}</span>
          <span className="tm-figures">{exactNumber(events)}</span>
        </li>
      ))}
    </ul>
  );
}

import { Anchor, Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project, Report } from "../../api/requests/client";
import { useCatalogEntry } from "../../api/events/events";
import type { FigureQuestion } from "../../api/reports/figures";
import { TimeChart } from "../../charts/TimeChart";
import { DataTable } from "../../components/tables/DataTable";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { Door } from "../../components/figures/Door";
import { FailedState } from "../../notices/FailedState";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { inInterval } from "../../features/figures/questions";
import { exactNumber } from "../../format/numbers";
import { exactTime, intervalName } from "../../format/time";
import { writeCondition } from "../../report/conditionText";
import { t } from "../../texts";
import { StatusBadge } from "./Catalog";
import { Documentation } from "./Documentation";
import classes from "./EventsPage.module.css";
import { EventProperties } from "./EventProperties";

type Entry = Report<"definitions/catalog-entry">;

const texts = t.events;

/** One event name: its volume, its documentation, its properties, and where it is used. */
export function CatalogEntryPage({ project, name }: { project: Project; name: string }) {
  const entry = useCatalogEntry(project.id, name);
  const filter = writeCondition({ property: "event_name", operator: "is", values: [name], scope: "event" });
  const query = encodeURIComponent(JSON.stringify({ series: [{ event: name }] }));
  return (
    <>
      <Anchor component={Link} size="sm" to={projectAddress(project.id, "/events/catalog")}>
        {texts.back}
      </Anchor>
      <PageTitle
        title={name}
        note={entry.data ? <StatusBadge status={entry.data.event.status} /> : null}
        actions={
          <Group gap="xs">
            <Button component={Link} size="xs" variant="default" to={projectAddress(project.id, `/events?f=${encodeURIComponent(filter)}`)}>
              {texts.seeEvents}
            </Button>
            <Button component={Link} size="xs" variant="default" to={projectAddress(project.id, `/explore/trends?q=${query}`)}>
              {texts.explore}
            </Button>
          </Group>
        }
      />
      {entry.error ? (
        <FailedState title={texts.entryNotLoaded} error={entry.error} retry={() => void entry.refetch()} />
      ) : null}
      {!entry.data && !entry.error ? <LoadingSkeleton height={360} radius="lg" aria-busy="true" /> : null}
      {entry.data ? <Content project={project} entry={entry.data} /> : null}
    </>
  );
}

function Content({ project, entry }: { project: Project; entry: Entry }) {
  const { event, uses, json_schema: schema } = entry;
  return (
    <Stack gap="md">
      <DailyVolume project={project} entry={entry} />
      <div className={classes.pair}>
        <Panel title={texts.volume}>
          <DefinitionList
            items={[
              [
                texts.facts.month,
                <Door key="month" figure={event.name} question={event.events > 0 ? ofEvent(event.name) : null}>
                  {exactNumber(event.events)}
                </Door>,
              ],
              [texts.facts.total, exactNumber(event.total_events)],
              [texts.facts.first, exactTime(event.first_seen, project.timezone)],
              [texts.facts.last, exactTime(event.last_seen, project.timezone)],
              [texts.facts.owner, event.owner || texts.noOwner],
            ]}
          />
        </Panel>
        <Documentation project={project} entry={entry} />
      </div>
      <EventProperties project={project} eventName={event.name} />
      <div className={classes.pair}>
        <Panel title={texts.uses}>
          {uses.length === 0 ? (
            <Text size="sm" c="dimmed">
              {texts.noUses}
            </Text>
          ) : (
            <ul className={classes.uses}>
              {uses.map(({ kind, id, name }) => (
                <li key={`${kind} ${id}`}>
                  <Anchor component={Link} inherit to={projectAddress(project.id, kind === "dashboard" ? `/dashboards/${id}` : `/explore/library?search=${encodeURIComponent(name)}`)}>
                    {name}
                  </Anchor>{" "}
                  <Text span size="xs" c="dimmed">
                    {texts.kinds[kind]}
                  </Text>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        {schema === null ? null : (
          <Panel title={texts.schema}>
            <ScrollArea.Autosize mah={320} type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": texts.schema }}>
              <pre className={classes.schema}>{JSON.stringify(schema, null, 2)}</pre>
            </ScrollArea.Autosize>
          </Panel>
        )}
      </div>
    </Stack>
  );
}

/** Whoever sent an event in the 30 days that the page shows. */
function ofEvent(name: string): FigureQuestion {
  return { kind: "trends", query: { period: "30d", series: [{ event: name }] } };
}

/** The events of 30 days; today is not over. */
function DailyVolume({ project, entry: { event, days } }: { project: Project; entry: Entry }) {
  const zone = project.timezone;
  return (
    <ChartPanel
      title={texts.trend}
      chart={
        <TimeChart
          name={t.metrics.total_events.name}
          label={texts.trendOf(event.name, event.events)}
          height={240}
          points={days.map((day, index) => ({ start: day, value: event.daily[index] ?? 0 }))}
          interval="day"
          timezone={zone}
          unit="count"
          openFrom={days.length - 1}
        />
      }
      table={() => (
        <DataTable
          caption={texts.trend}
          columns={[texts.days, texts.catalogColumns.events]}
          rows={days.map((day, index) => ({
            key: day,
            cells: [
              intervalName(day, "day", zone),
              <Door
                key="events"
                figure={`${event.name} · ${intervalName(day, "day", zone)}`}
                question={event.daily[index] ? inInterval(ofEvent(event.name), day, "day") : null}
              >
                {exactNumber(event.daily[index] ?? 0)}
              </Door>,
            ],
          }))}
        />
      )}
    />
  );
}

import { Badge, Group, ScrollArea, Select, Stack, Text, Tooltip } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useCatalog, type CatalogEntry } from "../../api/events/events";
import { Sparkline } from "../../charts/Sparkline";
import { EmptyState } from "../../components/states/EmptyState";
import { FailedState } from "../../notices/FailedState";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressState } from "../../components/page/useAddressState";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { exactNumber } from "../../format/numbers";
import { ago, exactTime } from "../../format/time";
import { t } from "../../texts";
import classes from "./EventsPage.module.css";

const texts = t.events;
const STATUSES = ["new", "verified", "stale", "hidden"] as const;
const SORTS = ["events", "last_seen", "name"] as const;

/** Every event name with its volume, its owner and its status. */
export function Catalog({ project }: { project: Project }) {
  const [search] = useSearch();
  const [chosenStatus, setStatus] = useAddressState("status");
  const [chosenSort, setSort] = useAddressState("sort");
  const status = STATUSES.find((one) => one === chosenStatus);
  const sort = SORTS.find((one) => one === chosenSort) ?? "events";
  const catalog = useCatalog(project.id, { ...(search ? { search } : {}), ...(status ? { status } : {}), sort });
  const first = catalog.data?.pages[0];
  const entries = catalog.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <SearchField label={texts.searchCatalog} placeholder={texts.searchCatalogNote} />
        <Select
          aria-label={texts.status}
          placeholder={texts.allStatuses}
          clearable
          w={150}
          data={STATUSES.map((value) => ({ value, label: texts.statuses[value] }))}
          value={status ?? null}
          onChange={(value) => {
            setStatus(value ?? "");
          }}
        />
        <Select
          aria-label={texts.sort}
          allowDeselect={false}
          w={160}
          data={SORTS.map((value) => ({ value, label: texts.sorts[value] }))}
          value={sort}
          onChange={(value) => {
            setSort(value === null || value === "events" ? "" : value);
          }}
        />
      </Group>
      <section className={classes.panel} aria-label={texts.catalog}>
        {catalog.error ? (
          <FailedState title={texts.catalogNotLoaded} error={catalog.error} retry={() => void catalog.refetch()} />
        ) : null}
        {!entries && !catalog.error ? <LoadingSkeleton height={320} aria-busy="true" /> : null}
        {first ? (
          <Text size="xs" c="dimmed" mb="xs" role="status">
            {texts.count(first.total)}
          </Text>
        ) : null}
        {entries?.length === 0 ? <EmptyState title={search || status ? texts.noNames : texts.noNamesYet} /> : null}
        {entries && entries.length > 0 ? (
          <Entries project={project} entries={entries} now={catalog.dataUpdatedAt} />
        ) : null}
        <LoadMoreButton label={texts.moreNames} list={catalog} />
      </section>
    </Stack>
  );
}

interface EntriesProps {
  project: Project;
  entries: readonly CatalogEntry[];
  /** Milliseconds since 1970. */
  now: number;
}

function Entries({ project, entries, now }: EntriesProps) {
  const { catalogColumns: columns } = texts;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "group", "aria-label": texts.catalog }}>
      <table className={`${classes.table ?? ""} ${classes.catalog ?? ""}`}>
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.trend}</th>
            <th scope="col" data-figure>
              {columns.events}
            </th>
            <th scope="col">{columns.owner}</th>
            <th scope="col">{columns.seen}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.name}>
              <th scope="row">
                <Link to={projectAddress(project.id, `/events/catalog?name=${encodeURIComponent(entry.name)}`)}>{entry.name}</Link>{" "}
                <StatusBadge status={entry.status} />
                {entry.description ? <div className={classes.description}>{entry.description}</div> : null}
              </th>
              <td className={classes.spark}>
                <Sparkline values={entry.daily} height={28} />
              </td>
              <td data-figure>{exactNumber(entry.events)}</td>
              <td>{entry.owner || t.common.none}</td>
              <td>
                <time dateTime={entry.last_seen} title={exactTime(entry.last_seen, project.timezone)}>
                  {ago(entry.last_seen, now)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

/** What a status means is said on hover; most events have none. */
export function StatusBadge({ status }: { status: CatalogEntry["status"] }) {
  if (status === "none") return null;
  const colour = { new: "tide", verified: "tide", stale: "coral", hidden: "gray" }[status];
  return (
    <Tooltip label={texts.statusNotes[status]}>
      <Badge size="xs" variant="light" color={colour}>
        {texts.statuses[status]}
      </Badge>
    </Tooltip>
  );
}

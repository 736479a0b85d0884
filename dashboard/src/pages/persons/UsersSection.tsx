import { Button, Group, MultiSelect, SegmentedControl, Select, Text } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { fetchPersonsFile, usePersonProperties, usePersons, type PersonSelection, type PersonSort } from "../../api/persons/persons";
import { isAtLeast } from "../../api/projects/roles";
import { useShownResult } from "../../api/cache/useShownResult";
import { DownloadPersons } from "../../components/persons/DownloadPersons";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Panel } from "../../components/page/Panel";
import { PersonTable } from "../../components/persons/PersonTable";
import { SaveCohort } from "../../components/persons/SaveCohort";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressSet, useAddressState } from "../../components/page/useAddressState";
import { FilterChips } from "../../report/FilterChips";
import { FilterPopover } from "../../report/FilterPopover";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "./Users.module.css";

const SORTS = ["last_seen", "first_seen", "events", "sessions"] as const satisfies readonly PersonSort[];
const KINDS = ["all", "identified", "anonymous"] as const;
type Kind = (typeof KINDS)[number];

/** Every user: searched, filtered, sorted, saved as a cohort, downloaded. */
export function UsersSection({ project }: { project: Project }) {
  const [search, setSearch] = useSearch();
  const [kindText, setKind] = useAddressState("kind");
  const [sortText, setSort] = useAddressState("sort");
  const [columns, toggleColumn] = useAddressSet("columns");
  const kind = KINDS.find((one) => one === kindText) ?? "all";
  const sort = SORTS.find((one) => one === sortText) ?? "last_seen";
  const report = useReport();
  const selection = selectionOf(search, kind, report.query.filters);
  const list = usePersons(project.id, selection, sort);
  const { shown, isOutdated } = useShownResult(list);
  const persons = shown?.pages.flatMap(({ items }) => items) ?? [];
  const total = shown?.pages[0]?.total ?? null;
  const [areOffered, setOffered] = useState(false);
  const properties = usePersonProperties(project.id, areOffered);
  const known = [...new Set([...columns, ...properties])].sort();
  const texts = t.people.users;
  return (
    <Panel
      title={total === null ? texts.title : t.persons.users(total)}
      actions={
        <Group gap="xs">
          {isAtLeast(project.role, "member") && total ? (
            <SaveCohort project={project} name={search ? texts.cohortOf(search) : texts.cohortName} members={{ persons: selection }} />
          ) : null}
          <DownloadPersons fetchFile={() => fetchPersonsFile(project.id, selection)} fileName={t.people.users.fileName} />
        </Group>
      }
    >
      <div className={classes.controls}>
        <SearchField size="xs" label={t.people.users.search} placeholder={t.people.users.searchPlaceholder} />
        <FilterPopover
          projectId={project.id}
          label={t.report.filter}
          onApply={(condition) => {
            report.set({ filters: [...report.filters, condition] });
          }}
        />
        <Select
          size="xs"
          className={classes.sort ?? ""}
          aria-label={texts.sort}
          allowDeselect={false}
          data={SORTS.map((value) => ({ value, label: texts.sorts[value] }))}
          value={sort}
          onChange={(value) => {
            setSort(value === null || value === "last_seen" ? "" : value);
          }}
        />
        <SegmentedControl
          size="xs"
          className={classes.kind ?? ""}
          aria-label={texts.kind}
          data={KINDS.map((value) => ({ value, label: texts.kinds[value] }))}
          value={kind}
          onChange={(value) => {
            setKind(value === "all" ? "" : value);
          }}
        />
        <MultiSelect
          size="xs"
          className={classes.columns ?? ""}
          aria-label={texts.columns}
          placeholder={columns.size === 0 ? texts.columns : ""}
          searchable
          limit={100}
          maxValues={12}
          nothingFoundMessage={texts.noProperties}
          data={known}
          onDropdownOpen={() => {
            setOffered(true);
          }}
          value={[...columns]}
          onChange={(next) => {
            const changed = next.find((name) => !columns.has(name)) ?? [...columns].find((name) => !next.includes(name));
            if (changed !== undefined) toggleColumn(changed);
          }}
        />
      </div>
      <FilterChips projectId={project.id} report={report} />
      {list.error ? <ErrorAlert title={t.persons.listNotLoaded} error={list.error} retry={() => void list.refetch()} /> : null}
      {!shown && !list.error ? <ListSkeleton /> : null}
      {shown ? (
        <div data-outdated={isOutdated} aria-busy={isOutdated}>
          {persons.length === 0 ? (
            <Nobody
              search={search}
              kind={kind}
              onClear={() => {
                setSearch("");
              }}
            />
          ) : (
            <PersonTable
              label={texts.title}
              projectId={project.id}
              zone={project.timezone}
              persons={persons}
              receivedAt={list.dataUpdatedAt}
              properties={[...columns]}
            />
          )}
          {total ? (
            <Text size="xs" c="dimmed" ta="center" mt="xs" aria-live="polite">
              {t.persons.shownOf(persons.length, total)}
            </Text>
          ) : null}
          <LoadMoreButton label={t.persons.loadMore} list={list} />
        </div>
      ) : null}
    </Panel>
  );
}

function selectionOf(search: string, kind: Kind, filters: string | undefined): PersonSelection {
  return {
    ...(search ? { search } : {}),
    ...(kind === "all" ? {} : { identified: kind === "identified" }),
    ...(filters === undefined ? {} : { filters }),
  };
}

function Nobody({ search, kind, onClear }: { search: string; kind: Kind; onClear: () => void }) {
  const texts = t.people.users;
  return (
    <EmptyState
      isFiltered
      title={search ? texts.noMatch(search) : texts.none[kind]}
      action={
        search ? (
          <Button size="xs" variant="default" onClick={onClear}>
            {texts.clearSearch}
          </Button>
        ) : null
      }
    />
  );
}

import { ActionIcon, Button, Drawer, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useApiMutation } from "../../api/cache/useApiMutation";
import { useShownResult } from "../../api/cache/useShownResult";
import { fetchAllWebValues, useWebValues, type WebDimension, type WebSort, type WebValues, type WebValuesQuery } from "../../api/reports/web";
import { fieldErrors } from "../../api/requests/errors";
import { DetailTable } from "../../components/tables/DetailTable";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { saveFile } from "../../components/download/saveFile";
import { useAddressState } from "../../components/page/useAddressState";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { toCsv } from "../../format/csv";
import { rangeName } from "../../format/time";
import { t } from "../../texts";
import { columnsOf } from "./detailColumns";
import { useGoalColumn } from "./goalColumn";
import { useRowDoor } from "./rowDoor";
import { useWebQuery, withoutDetails } from "./useWebQuery";
import { valueIcon } from "./valueIcon";
import { valueLabel } from "./valueLabel";

const PAGE_SIZE = 50;
const SORTS = [
  ...(["visitors", "visits", "page_views", "bounce_rate", "visit_seconds"] as const),
  ...(["events", "conversions", "conversion_rate"] as const),
] satisfies readonly WebSort[];

/** The whole list that the address names: searchable, sortable, a page at a time, and as a file. */
export function DetailsDrawer({ projectId }: { projectId: number }) {
  const [name] = useAddressState("details");
  const [, setParameters] = useSearchParams();
  const dimension = (Object.keys(t.web.dimensions) as WebDimension[]).find((one) => one === name);
  return (
    <Drawer
      opened={dimension !== undefined}
      onClose={() => {
        setParameters(withoutDetails);
      }}
      position="right"
      size="min(960px, 100%)"
      title={dimension ? t.web.dimensions[dimension] : undefined}
      closeButtonProps={{ "aria-label": t.common.close }}
      transitionProps={{ duration: 0 }}
    >
      {dimension ? (
        <Details key={dimension} projectId={projectId} dimension={dimension} />
      ) : null}
    </Drawer>
  );
}

function Details({ projectId, dimension }: { projectId: number; dimension: WebDimension }) {
  const { query } = useWebQuery();
  const goal = useGoalColumn();
  const [search] = useSearch();
  const [sortText, setSort] = useAddressState("sort");
  const sort = SORTS.find((one) => one === sortText) ?? "visitors";
  const [page, setPage] = useState({ of: "", offset: 0 });
  // Another search or order begins with its first page.
  const of = `${sort} ${search}`;
  const offset = page.of === of ? page.offset : 0;
  const asked: WebValuesQuery = { ...query, ...goal.query, sort, ...(search ? { search } : {}) };
  const list = useWebValues(projectId, dimension, { ...asked, limit: PAGE_SIZE, offset });
  const { shown, isOutdated } = useShownResult(list);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SearchField label={t.web.search} placeholder={t.web.search} />
        <CsvButton projectId={projectId} dimension={dimension} query={asked} hasGoal={goal.id !== null} />
      </Group>
      {list.error ? <NotListed error={list.error} onRetry={() => void list.refetch()} onUsualOrder={() => { setSort(""); }} /> : null}
      {!shown && !list.error ? <LoadingSkeleton height={360} aria-busy="true" /> : null}
      {shown?.items.length === 0 ? <Text size="sm">{search ? t.web.noMatch(search) : t.web.empty}</Text> : null}
      {shown && shown.items.length > 0 ? (
        <div data-outdated={isOutdated} aria-busy={isOutdated}>
          <Table
            list={shown}
            dimension={dimension}
            hasGoal={goal.id !== null}
            sort={sort}
            onSort={(by) => {
              setSort(by === "visitors" ? "" : by);
            }}
          />
          <Pages
            offset={offset}
            total={shown.total}
            onChange={(next) => {
              setPage({ of, offset: next });
            }}
          />
        </div>
      ) : null}
    </Stack>
  );
}

/** Why there is no list. An order that this list does not have, as an edited address may name, is refused however often it is tried. */
function NotListed({ error, onRetry, onUsualOrder }: { error: unknown; onRetry: () => void; onUsualOrder: () => void }) {
  const { sort } = fieldErrors(error);
  if (!sort) return <ErrorAlert error={error} retry={onRetry} />;
  return <ErrorAlert error={new Error(sort.join(" "))} title={t.web.noSuchOrder} retry={onUsualOrder} retryLabel={t.web.usualOrder} />;
}

interface TableProps {
  list: WebValues;
  dimension: WebDimension;
  hasGoal: boolean;
  sort: WebSort;
  onSort: (sort: WebSort) => void;
}

function Table({ list, dimension, hasGoal, sort, onSort }: TableProps) {
  const { filterBy } = useWebQuery();
  const door = useRowDoor(dimension);
  return (
    <DetailTable
      caption={rangeName(list.from, list.to, list.timezone)}
      heading={t.web.dimensions[dimension]}
      rows={list.items}
      rowKey={({ value }) => value ?? ""}
      rowHeading={(row) => {
        const label = valueLabel(dimension, row.value);
        const content = (
          <Group gap={8} wrap="nowrap" title={label}>
            {valueIcon(dimension, row.value)}
            <Text span truncate size="sm">
              {label}
            </Text>
          </Group>
        );
        if (list.scope === null) return content;
        return (
          <UnstyledButton
            maw="100%"
            aria-label={t.web.filterBy(label)}
            onClick={() => {
              filterBy(list, row);
            }}
          >
            {content}
          </UnstyledButton>
        );
      }}
      columns={columnsOf(list, hasGoal, ({ value }, text) => door(list, value, text))}
      sort={sort}
      onSort={(by) => {
        onSort(by as WebSort);
      }}
    />
  );
}

function Pages({ offset, total, onChange }: { offset: number; total: number; onChange: (offset: number) => void }) {
  return (
    <Group gap="xs" justify="flex-end" mt="xs">
      <Text size="sm" c="dimmed">
        {t.web.page(offset + 1, Math.min(offset + PAGE_SIZE, total), total)}
      </Text>
      <ActionIcon
        variant="default"
        aria-label={t.web.previousPage}
        disabled={offset === 0}
        onClick={() => {
          onChange(Math.max(0, offset - PAGE_SIZE));
        }}
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label={t.web.nextPage}
        disabled={offset + PAGE_SIZE >= total}
        onClick={() => {
          onChange(offset + PAGE_SIZE);
        }}
      >
        <IconChevronRight size={16} />
      </ActionIcon>
    </Group>
  );
}

interface CsvButtonProps {
  projectId: number;
  dimension: WebDimension;
  query: WebValuesQuery;
  hasGoal: boolean;
}

function CsvButton({ projectId, dimension, query, hasGoal }: CsvButtonProps) {
  const save = useApiMutation(() => fetchAllWebValues(projectId, dimension, query), {
    onDone: (list) => {
      const columns = columnsOf(list, hasGoal);
      const head = [t.web.dimensions[dimension], ...columns.map(({ label }) => label)];
      const rows = list.items.map((row) => [row.value, ...columns.map(({ raw }) => raw(row))]);
      saveFile(new Blob([toCsv([head, ...rows])], { type: "text/csv" }), `${dimension}.csv`);
    },
  });
  return (
    <Group gap="xs">
      {save.error ? (
        <Text size="sm" c="coral" role="alert">
          {t.web.downloadFailed}
        </Text>
      ) : null}
      <Button
        variant="default"
        size="sm"
        leftSection={<IconDownload size={16} />}
        loading={save.isPending}
        onClick={() => {
          save.mutate();
        }}
      >
        {t.web.downloadCsv}
      </Button>
    </Group>
  );
}

import { Alert, Group, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import type { ProjectSealing } from "../../api/requests/client";
import { useSealing, type SealingFilter } from "../../api/operations/sealing";
import { EmptyState } from "../../components/states/EmptyState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { FailedState } from "../../notices/FailedState";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { Cell, ColumnHeading, HeadingRow, Row, RowHeading, Rows, StackedTable } from "../../components/tables/StackedTable";
import { Panel } from "../../components/page/Panel";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressState } from "../../components/page/useAddressState";
import { duration } from "../../format/duration";
import { exactNumber } from "../../format/numbers";
import { ago, clockTime, daysName } from "../../format/time";
import { browserZone } from "../../format/timeZones";
import { t } from "../../texts";
import { ClosedDaysDrawer } from "./ClosedDaysDrawer";

const texts = t.aggregates;
const STATES = Object.keys(texts.states) as SealingFilter["state"][];

/** How far sealing is in every project, and the days of one. */
export function AggregatesSection() {
  const [named, setState] = useAddressState("state");
  const [search] = useSearch();
  const state = STATES.find((one) => one === named) ?? "all";
  return (
    <Panel title={texts.title}>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.note}
      </Text>
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label={texts.state}
          size="xs"
          value={state}
          data={STATES.map((value) => ({ value, label: texts.states[value] }))}
          onChange={(chosen) => {
            setState(chosen === "all" ? "" : chosen);
          }}
        />
        <SearchField size="xs" label={texts.search} placeholder={texts.searchPlaceholder} />
      </Group>
      <Found filter={{ state, search }} />
    </Panel>
  );
}

function Found({ filter }: { filter: SealingFilter }) {
  const list = useSealing(filter);
  const [opened, open] = useState<ProjectSealing | null>(null);
  return (
    <>
      <Projects list={list} filter={filter} onOpen={open} />
      {/* Not within the list, which is replaced while another search is answered. */}
      <ClosedDaysDrawer
        project={opened}
        onClose={() => {
          open(null);
          // Days may have been sealed again.
          void list.refetch();
        }}
      />
    </>
  );
}

interface ProjectsProps {
  list: ReturnType<typeof useSealing>;
  filter: SealingFilter;
  onOpen: (project: ProjectSealing) => void;
}

function Projects({ list, filter, onOpen }: ProjectsProps) {
  if (list.data === undefined) {
    return list.error ? <FailedState error={list.error} retry={() => void list.refetch()} /> : <ListSkeleton />;
  }
  const [first] = list.data.pages;
  const items = list.data.pages.flatMap((page) => page.items);
  return (
    <>
      {list.error ? <ErrorAlert title={t.errors.outdatedList} error={list.error} retry={() => void list.refetch()} /> : null}
      {first ? <Summary page={first} /> : null}
      {items.length === 0 ? (
        <EmptyState title={filter.search === "" ? texts.empty[filter.state] : texts.noMatch} />
      ) : (
        <>
          <ProjectTable items={items} now={first?.measured_at ?? ""} onOpen={onOpen} />
          <Text size="xs" c="dimmed" mt="xs">
            {texts.count(items.length, exactNumber(first?.total ?? 0))}
          </Text>
          <LoadMoreButton label={texts.showMore} list={list} />
        </>
      )}
    </>
  );
}

interface SummaryProps {
  page: {
    measured_at: string;
    waiting_days: number;
    waiting_projects: number;
    failing_projects: number;
    waiting_since: string | null;
  };
}

/** How far behind sealing is in all projects together. */
function Summary({ page }: SummaryProps) {
  const { measured_at: now, waiting_days: days, waiting_projects: waiting, failing_projects: failing, waiting_since: since } = page;
  const isFailing = failing > 0;
  const projects = (count: number) => texts.projects(count, exactNumber(count));
  return (
    <Alert
      mb="md"
      color={isFailing ? "coral" : "tide"}
      icon={isFailing ? <IconAlertTriangle size={18} /> : days > 0 ? <IconHourglass size={18} /> : <IconCircleCheck size={18} />}
      title={days === 0 ? texts.allSealed : texts.waiting(texts.days(days, exactNumber(days)), projects(waiting))}
      role="status"
    >
      <Text size="sm">{isFailing ? texts.failing(projects(failing)) : null}</Text>
      <Text size="sm">
        {since === null ? texts.allSealedNote(clockTime(now, browserZone())) : texts.behind(duration(secondsBetween(since, now)))}
      </Text>
    </Alert>
  );
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (new Date(to).getTime() - new Date(from).getTime()) / 1_000);
}

function ProjectTable({ items, now, onOpen }: { items: readonly ProjectSealing[]; now: string; onOpen: (project: ProjectSealing) => void }) {
  return (
    <StackedTable label={texts.title} fz="sm" className="tm-figures">
      <HeadingRow>
        {texts.columns.map((column) => (
          <ColumnHeading key={column}>{column}</ColumnHeading>
        ))}
      </HeadingRow>
      <Rows>
          {items.map((one) => (
            <Row key={one.project_id}>
              <RowHeading fw={500} maw={280}>
                <UnstyledButton
                  fz="sm"
                  fw={500}
                  c="var(--mantine-color-anchor)"
                  aria-label={texts.show(one.project)}
                  style={{ overflowWrap: "anywhere" }}
                  onClick={() => {
                    onOpen(one);
                  }}
                >
                  <Text span inherit lineClamp={2} dir="auto">
                    {one.project}
                  </Text>
                </UnstyledButton>
              </RowHeading>
              <Cell label={texts.columns[1]}>{exactNumber(one.sealed_days)}</Cell>
              <Cell label={texts.columns[2]}>{one.last_sealed_day === null ? t.common.none : daysName(one.last_sealed_day, one.last_sealed_day)}</Cell>
              <Cell label={texts.columns[3]}>{exactNumber(one.waiting_days)}</Cell>
              <Cell label={texts.columns[4]}>{one.waiting_since === null ? t.common.none : ago(one.waiting_since, new Date(now).getTime())}</Cell>
              <Cell label={texts.columns[5]} c={one.failing_days > 0 ? "var(--tm-down)" : ""}>{exactNumber(one.failing_days)}</Cell>
            </Row>
          ))}
      </Rows>
    </StackedTable>
  );
}

import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { missingPermission } from "../../api/projects/roles";
import { fieldError } from "../../api/requests/errors";
import { useRunSql, type SqlResult } from "../../api/insights/sql";
import type { Project } from "../../api/requests/client";
import { DownloadCsv } from "../../components/download/DownloadCsv";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { EmptyState } from "../../components/states/EmptyState";
import { PermissionNote } from "../../components/states/PermissionNote";
import { DataTable } from "../../components/tables/DataTable";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { KindTabs } from "../explore/KindTabs";
import { ProjectPage } from "../ProjectPage";

// eslint-disable-next-line local/no-literal-text -- SQL is the same in every language
const EXAMPLE = `SELECT event_name, count(*) AS events, count(DISTINCT person_id) AS persons
FROM events
WHERE timestamp >= now() - interval '7 days'
GROUP BY event_name
ORDER BY events DESC`;

/** SQL over the events, persons and sessions of a project. */
export function SqlPage() {
  return <ProjectPage>{(project) => <SqlEditor key={project.id} project={project} />}</ProjectPage>;
}

function SqlEditor({ project }: { project: Project }) {
  const [statement, setStatement] = useState(EXAMPLE);
  const sql = useRunSql(project.id);
  const missing = missingPermission(project.role, "analyst");
  const canRun = missing === null && statement.trim() !== "";
  const run = () => {
    if (canRun && !sql.isPending) sql.mutate(statement);
  };
  const runOnShortcut = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  };
  const wrong = fieldError(sql.error, "statement");
  return (
    <>
      <PageTitle title={t.sql.title} tab={t.explore.tab(t.sql.title, project.name)} note={t.sql.note} />
      <KindTabs projectId={project.id} isSql />
      <Stack gap="md">
        {missing === null ? null : <PermissionNote reason={missing} />}
        <Textarea
          label={t.sql.statement}
          rows={8}
          resize="vertical"
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          value={statement}
          error={wrong}
          onChange={(event) => {
            setStatement(event.currentTarget.value);
          }}
          onKeyDown={runOnShortcut}
        />
        <Group gap="sm">
          <Button size="xs" disabled={!canRun} loading={sql.isPending} onClick={run}>
            {t.sql.run}
          </Button>
          <Text size="xs" c="dimmed">
            {t.sql.shortcut}
          </Text>
        </Group>
        {sql.error && wrong === undefined ? <ErrorAlert error={sql.error} /> : null}
        {sql.data ? <Result result={sql.data} /> : null}
      </Stack>
    </>
  );
}

function Result({ result: { columns, rows, truncated, took_ms: took, timezone } }: { result: SqlResult }) {
  const names = columns.map(({ name }) => name);
  const texts = rows.map((row) => row.map(cellText));
  if (rows.length === 0) return <EmptyState title={t.sql.noRows} />;
  return (
    <Panel
      title={t.sql.result}
      actions={<DownloadCsv name={t.sql.title} rows={() => [names, ...texts]} />}
    >
      <DataTable
        caption={t.sql.caption(rows.length, truncated, took, timezone)}
        columns={names}
        rows={texts.map((cells, index) => ({ key: String(index), cells: cells.map((cell) => cell ?? t.sql.null) }))}
      />
    </Panel>
  );
}

/** A value as it is in CSV; null for NULL. */
function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

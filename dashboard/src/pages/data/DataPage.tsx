import { Anchor, Button, Radio, Select, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useEventOptions } from "../../api/events/definitions";
import { CopyField } from "../../components/text/CopyField";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { RichText } from "../../components/text/RichText";
import { useAddressState } from "../../components/page/useAddressState";
import { ReportBar } from "../../report/ReportBar";
import { useReport } from "../../report/useReport";
import { loadSetupTexts, t } from "../../texts";
import { ProjectPage } from "../ProjectPage";

const EventImport = lazy(async () => {
  await loadSetupTexts();
  return { default: (await import("./EventImport")).EventImport };
});

const FORMATS = ["csv", "jsonl", "json", "parquet"] as const;

/** Download what a project has stored, and import what was recorded elsewhere. */
export function DataPage() {
  return (
    <ProjectPage>
      {(project) => (
        <>
          <PageTitle title={t.data.title} note={t.data.note} />
          <Stack gap="md">
            <ReportBar project={project} hide={["compare", "interval"]} />
            <EventExport project={project} />
            <UserData project={project} />
            <Suspense fallback={<ListSkeleton />}>
              <EventImport project={project} />
            </Suspense>
          </Stack>
        </>
      )}
    </ProjectPage>
  );
}

function EventExport({ project }: { project: Project }) {
  const { query } = useReport();
  const [search, setSearch] = useState("");
  const names = useEventOptions(project.id, search).map(({ name }) => name);
  const [chosen, choose] = useAddressState("format");
  const [event, setEvent] = useAddressState("event");
  const format = FORMATS.find((one) => one === chosen) ?? "csv";
  const parameters = new URLSearchParams({ ...query, ...(event ? { event_name: event } : {}), format });
  const address = `/api/v1/analytics/${project.id}/exports/events?${parameters.toString()}`;
  return (
    <Panel title={t.data.events}>
      <Stack gap="md" maw={640}>
        <Text size="sm" c="dimmed">
          {t.data.eventsNote}
        </Text>
        <Select
          label={t.data.event}
          placeholder={t.data.anyEvent}
          nothingFoundMessage={t.data.noSuchEvent}
          clearable
          searchable
          limit={100}
          onSearchChange={setSearch}
          data={[...new Set([...names, ...(event ? [event] : [])])]}
          value={event || null}
          onChange={(value) => {
            setEvent(value ?? "");
          }}
        />
        <Radio.Group
          label={t.data.format}
          value={format}
          onChange={(value) => {
            choose(value === "csv" ? "" : value);
          }}
        >
          <Stack gap={8} mt={6}>
            {FORMATS.map((value) => (
              <Radio key={value} value={value} label={t.data.formats[value]} />
            ))}
          </Stack>
        </Radio.Group>
        <div>
          <Button component="a" href={address} download leftSection={<IconDownload size={16} />}>
            {t.data.download}
          </Button>
        </div>
        <div>
          <CopyField label={t.data.fromCommandLine} value={`curl '${window.location.origin}${address}' \\\n  -H 'X-API-Key: sk_…' -o events.${format}`} />
          <Text size="sm" c="dimmed" mt={6}>
            <RichText text={t.data.keyNote} values={{ prefix: <code>sk_</code> }} />
          </Text>
        </div>
      </Stack>
    </Panel>
  );
}

function UserData({ project }: { project: Project }) {
  const people = (
    <Anchor component={Link} to={projectAddress(project.id, "/people")} inherit underline="always">
      {t.data.usersLink}
    </Anchor>
  );
  return (
    <Panel title={t.data.users}>
      <Text size="sm">
        <RichText text={t.data.usersNote} values={{ users: people }} />
      </Text>
    </Panel>
  );
}

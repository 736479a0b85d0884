import { Anchor, Progress, Stack, Text } from "@mantine/core";
import { useId } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { DataTable } from "../../components/tables/DataTable";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { Panel } from "../../components/page/Panel";
import { duration } from "../../format/duration";
import { exactNumber } from "../../format/numbers";
import { ago } from "../../format/time";
import { t } from "../../texts";
import type { Health } from "./health";

const NEAR = 0.8;

/** How much of the project's limits is used. */
export function LimitsPanel({ health, projectId }: { health: Health; projectId: number }) {
  return (
    <Panel
      title={t.health.limits}
      actions={
        <Anchor component={Link} size="sm" to={projectAddress(projectId, "/settings/limits")}>
          {t.health.changeLimits}
        </Anchor>
      }
    >
      <Stack gap="md">
        {health.limits.map((limit) => (
          <Limit key={limit.limit} {...limit} />
        ))}
      </Stack>
    </Panel>
  );
}

function Limit({ limit, used, maximum }: Health["limits"][number]) {
  const name = useId();
  const share = maximum === null ? 0 : used / maximum;
  return (
    <div>
      <Text size="sm" fw={500} id={name}>
        {t.health.limitNames[limit]}
      </Text>
      {maximum === null ? null : (
        <Progress.Root my={6}>
          <Progress.Section value={Math.min(100, share * 100)} color={share >= NEAR ? "coral" : "tide"} aria-labelledby={name} />
        </Progress.Root>
      )}
      <Text size="sm" className="tm-figures">
        {t.health.usage(used, maximum)}
      </Text>
      {t.health.limitNotes[limit] ? (
        <Text size="xs" c="dimmed">
          {t.health.limitNotes[limit]}
        </Text>
      ) : null}
    </div>
  );
}

/** How event times differ from times of receipt. */
export function ClocksPanel({ health: { clocks } }: { health: Health }) {
  const { clockFacts: facts } = t.health;
  const seconds = (value: number | null) => (value === null ? t.common.none : duration(Math.max(0, value)));
  return (
    <Panel title={t.health.clocks}>
      <DefinitionList
        items={[
          [facts.median, seconds(clocks.median_seconds)],
          [facts.late, seconds(clocks.late_seconds)],
          [facts.ahead, exactNumber(clocks.ahead)],
          [facts.ignored, exactNumber(clocks.ignored)],
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">
        {t.health.clocksNote(clocks.events)}
      </Text>
    </Panel>
  );
}

/** Which versions of which apps sent the latest events. */
export function ClientsPanel({ health: { clients, as_of: asOf } }: { health: Health }) {
  const now = new Date(asOf).getTime();
  return (
    <Panel title={t.health.clients}>
      {clients.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.health.noClients}
        </Text>
      ) : (
        <DataTable
          caption={t.health.clients}
          isTitled
          columns={t.health.clientColumns}
          rows={clients.map(({ source, library, version, events, last_seen: last, is_older: isOlder }) => ({
            key: JSON.stringify([source, library, version]),
            cells: [source ?? t.common.none, libraryName(library, version), isOlder && version !== null ? t.health.olderVersion(version) : (version ?? t.health.unknownVersion), exactNumber(events), ago(last, now)],
          }))}
        />
      )}
    </Panel>
  );
}

/** What a version is of: of an SDK, or of the app where no SDK stated its own. */
function libraryName(library: string | null, version: string | null): string {
  if (library === null) return version === null ? t.common.none : t.health.ofApp;
  return library || t.health.ofUnnamedSdk;
}

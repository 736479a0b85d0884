import { Popover, Stack, Text, UnstyledButton } from "@mantine/core";
import { exactNumber } from "../../format/numbers";
import { clockTime, exactTime } from "../../format/time";
import { t } from "../../texts";
import { CopyField } from "../text/CopyField";
import { DefinitionList } from "../tables/DefinitionList";
import classes from "./ProofLine.module.css";

export interface Proof {
  took_ms: number;
  timezone: string;
  source: keyof typeof t.proof.sources;
  /** When the answer was read, an ISO instant. */
  as_of?: string | undefined;
  /** Days of the range that were read as sealed, and those that were counted from events. */
  sealed_days?: number | undefined;
  raw_days?: number | undefined;
  /** Number of events behind the figures. */
  events?: number | undefined;
  /** Received events of the range that are in no figure. */
  refused?: number | undefined;
  /** Seconds that stored events are behind received ones. */
  delay?: number | undefined;
  /** What was asked: the path, and the body of a POST request. */
  query: { path: string; body?: unknown };
}

/** One line under a chart: exact, of how many events, how fast, as of when. A click shows how it was counted. */
export function ProofLine(proof: Proof) {
  const asOf = proof.as_of === undefined ? undefined : new Date(new Date(proof.as_of).getTime() - (proof.delay ?? 0) * 1_000).toISOString();
  const parts = [
    t.proof.exact,
    ...(proof.events === undefined ? [] : [t.proof.events(proof.events)]),
    t.proof.took(exactNumber(Math.round(proof.took_ms))),
    ...(asOf === undefined ? [] : [t.proof.asOf(clockTime(asOf, proof.timezone))]),
  ];
  return (
    <Popover width={420} position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.line}>{parts.join(" · ")}</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm">{t.proof.explanation}</Text>
          <DefinitionList isCompact items={facts(proof, asOf)} />
          <CopyField label={t.proof.curl} value={curl(proof.query)} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function facts(proof: Proof, asOf: string | undefined): [string, string][] {
  const { facts: names } = t.proof;
  return [
    [names.source, t.proof.sources[proof.source]],
    ...optional(names.sealed, proof.sealed_days),
    ...optional(names.raw, proof.raw_days),
    ...optional(names.refused, proof.refused),
    ...(asOf === undefined ? [] : [[names.asOf, exactTime(asOf, proof.timezone)] as [string, string]]),
  ];
}

function optional(name: string, value: number | undefined): [string, string][] {
  return value === undefined ? [] : [[name, exactNumber(value)]];
}

/** Return the command that asks the same. */
function curl({ path, body }: Proof["query"]): string {
  const command = [`curl '${window.location.origin}${path}'`, `-H 'X-API-Key: sk_…'`];
  if (body !== undefined) command.push(`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  return command.join(" \\\n  ");
}

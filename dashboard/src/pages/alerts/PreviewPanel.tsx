import { Skeleton, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { useAlertPreview, type AlertDefinition, type AlertPreview, type Watch } from "../../api/alerts/alerts";
import type { BoundedValues } from "../../charts/BoundsChart";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { valueName } from "../../format/valueName";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { unitOf, watchedValue } from "./watches";

const BoundsChart = lazy(() => import("../../charts/BoundsChart").then(({ BoundsChart }) => ({ default: BoundsChart })));
const NAMES = { value: t.alerts.value, low: t.alerts.low, high: t.alerts.high };
const SHOWN_FIRINGS = 8;
const TYPING_MS = 500;

interface PreviewPanelProps {
  projectId: number;
  timezone: string;
  /** null: the form is not complete yet. */
  definition: AlertDefinition | null;
}

/** When an alert would have fired over the last 90 days, as a chart and a list. */
export function PreviewPanel({ projectId, timezone, definition }: PreviewPanelProps) {
  const text = JSON.stringify(definition);
  const [asked] = useDebouncedValue(text, TYPING_MS);
  const preview = useAlertPreview(projectId, JSON.parse(asked) as AlertDefinition | null);
  const { hasNextPage, isFetching, fetchNextPage, isError } = preview;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const parts = preview.data?.pages;
  const whole = useMemo(() => (parts ? joined(parts) : null), [parts]);
  return (
    <Stack gap={6} component="section" aria-label={t.alerts.preview} aria-busy={isFetching}>
      <Text size="sm" fw={550}>
        {t.alerts.preview}
      </Text>
      {preview.error ? <ErrorAlert title={t.alerts.previewFailed} error={preview.error} retry={() => void preview.refetch()} /> : null}
      {definition === null ? (
        <Text size="sm" c="dimmed">
          {t.alerts.previewOpen}
        </Text>
      ) : null}
      {definition !== null && !whole && !preview.error ? <LoadingSkeleton height={200} radius="md" /> : null}
      {definition !== null && whole ? <Shown whole={whole} watch={definition.watch} timezone={timezone} /> : null}
    </Stack>
  );
}

function Shown({ whole, watch, timezone }: { whole: AlertPreview; watch: Watch; timezone: string }) {
  const { firings, at, met } = whole;
  const undecided = met.filter((one) => one === null).length;
  const charted = useMemo(() => sinceFirstValue(whole), [whole]);
  const shown = firings.slice(-SHOWN_FIRINGS).reverse();
  return (
    <>
      <Text size="sm" role="status">
        <b>{firings.length === 0 ? t.alerts.wouldNotHaveFired : t.alerts.wouldHaveFired(firings.length)}</b>{" "}
        <Text span size="sm" c="dimmed">
          {t.alerts.previewChecks(exactNumber(at.length))}
        </Text>
      </Text>
      <Suspense fallback={<Skeleton height={200} radius="md" />}>
        <BoundsChart data={charted} names={NAMES} unit={unitOf(watch)} timezone={timezone} label={t.alerts.previewLabel(at.length)} />
      </Suspense>
      <Text size="xs" c="dimmed">
        {t.alerts.previewLate}
      </Text>
      {undecided > 0 ? (
        <Text size="xs" c="dimmed">
          {t.alerts.undecided(exactNumber(undecided))}
        </Text>
      ) : null}
      {firings.length > 0 ? (
        <Table fz="sm" className="tm-figures" aria-label={t.alerts.firings}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t.alerts.firingColumns.from}</Table.Th>
              <Table.Th scope="col">{t.alerts.firingColumns.to}</Table.Th>
              <Table.Th scope="col" ta="right">
                {t.alerts.firingColumns.value}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.fired_at}>
                <Table.Td>{exactTime(one.fired_at, timezone)}</Table.Td>
                <Table.Td>{one.resolved_at === null ? t.alerts.stillFiring : exactTime(one.resolved_at, timezone)}</Table.Td>
                <Table.Td ta="right" style={{ overflowWrap: "anywhere" }}>
                  {one.value === null ? t.common.none : watchedValue(one.value, watch)}
                  {watch.any_row || one.row !== null ? ` (${valueName(one.row)})` : ""}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
      {firings.length > SHOWN_FIRINGS ? (
        <Text size="xs" c="dimmed">
          {t.alerts.moreFirings(firings.length - SHOWN_FIRINGS)}
        </Text>
      ) : null}
    </>
  );
}

/** The evaluations from the first one with a value on: before the first events there is nothing to draw. */
function sinceFirstValue({ at, value, low, high }: AlertPreview): BoundedValues {
  const begin = Math.max(0, value.findIndex((one) => one !== null));
  return { at: at.slice(begin), value: value.slice(begin), low: low.slice(begin), high: high.slice(begin) };
}

/** The parts of a preview as one. A firing that goes on in the next part is one firing. */
function joined(parts: readonly AlertPreview[]): AlertPreview {
  const [first, ...others] = parts;
  if (!first) throw new Error("a preview has at least one part");
  return others.reduce((before, part) => {
    const firings = [...before.firings];
    const last = firings.at(-1);
    const endsAt = part.status.indexOf("ok");
    if (last && last.resolved_at === null && endsAt >= 0) firings[firings.length - 1] = { ...last, resolved_at: part.at[endsAt] ?? null };
    return {
      at: [...before.at, ...part.at],
      met: [...before.met, ...part.met],
      value: [...before.value, ...part.value],
      baseline: [...before.baseline, ...part.baseline],
      low: [...before.low, ...part.low],
      high: [...before.high, ...part.high],
      row: [...before.row, ...part.row],
      reason: [...before.reason, ...part.reason],
      status: [...before.status, ...part.status],
      firings: [...firings, ...part.firings],
      next: part.next,
    };
  }, first);
}

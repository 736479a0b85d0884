import { Group, Paper, Skeleton, Text, Tooltip } from "@mantine/core";
import { change as formatChange, exactNumber, shortNumber } from "../format";

interface MetricCardProps {
  label: string;
  value: number | undefined;
  /** Growth against the period before, in percent; null when that was empty. */
  change?: number | null;
  previous?: number;
}

/** One figure, and how it moved. */
export function MetricCard({ label, value, change, previous }: MetricCardProps) {
  const moved = formatChange(change);
  return (
    <Paper withBorder p="md" component="section" aria-label={label}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton height={32} width={90} mt={6} />
      ) : (
        <Group align="baseline" gap="xs" mt={2} wrap="nowrap">
          <Tooltip label={exactNumber(value)} disabled={exactNumber(value) === shortNumber(value)}>
            <Text fz={28} fw={650} lh={1.2} style={{ fontVariantNumeric: "tabular-nums" }}>
              {shortNumber(value)}
            </Text>
          </Tooltip>
          {moved ? (
            <Tooltip label={`${exactNumber(previous ?? 0)} in the period before`}>
              <Text size="sm" fw={500} c={(change ?? 0) < 0 ? "orange" : "tide"}>
                {moved}
              </Text>
            </Tooltip>
          ) : null}
        </Group>
      )}
    </Paper>
  );
}

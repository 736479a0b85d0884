import { Button, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { conditionName } from "../../report/conditionName";
import { NO_SEGMENTS } from "../../report/segmentText";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";

interface EmptyStateProps {
  /** One sentence: what there is none of. */
  title: string;
  note?: ReactNode;
  /** What to do about it. */
  action?: ReactNode;
  /** The filters of the report apply to what is missing here: name them, and offer to clear them. */
  isFiltered?: boolean;
}

/** What to show in the place of rows or of a chart when there are none. */
export function EmptyState({ title, note, action, isFiltered = false }: EmptyStateProps) {
  const { filters, segments, set } = useReport();
  const chosen = segments.ids.length;
  const isCause = isFiltered && (filters.length > 0 || chosen > 0);
  return (
    <Stack align="center" justify="center" gap={6} py="xl" px="md" ta="center">
      <Text size="sm" fw={550}>
        {title}
      </Text>
      {note ? (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      ) : null}
      {isCause ? (
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {t.states.filteredBy([...filters.map(conditionName), ...(chosen > 0 ? [t.report.segmentsOf(chosen)] : [])])}
        </Text>
      ) : null}
      {isCause ? (
        <Button
          size="xs"
          variant="default"
          mt={6}
          onClick={() => {
            set({ filters: [], matchAll: true, segments: NO_SEGMENTS });
          }}
        >
          {t.report.clearFilters}
        </Button>
      ) : null}
      {action}
    </Stack>
  );
}

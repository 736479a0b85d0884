import { Button, Group, Text } from "@mantine/core";
import { clockTime } from "../../format/time";
import { useIsReportedAbove } from "../../notices/useIsReportedAbove";
import { t } from "../../texts";

interface StaleNoticeProps {
  /** When the figures were received, in milliseconds since 1970. */
  receivedAt: number;
  zone: string;
  error: Error;
  retry: () => void;
}

/** Says that the figures are of before, because newer ones could not be fetched. */
export function StaleNotice({ receivedAt, zone, error, retry }: StaleNoticeProps) {
  const isReportedAbove = useIsReportedAbove(error);
  return (
    <Group gap="xs" role="status">
      <Text size="sm" c="var(--tm-down)">
        {t.states.stale(clockTime(new Date(receivedAt).toISOString(), zone))}
      </Text>
      {isReportedAbove ? null : (
        <>
          <Text size="sm" c="dimmed">
            {error.message}
          </Text>
          <Button size="compact-xs" variant="default" onClick={retry}>
            {t.common.tryAgain}
          </Button>
        </>
      )}
    </Group>
  );
}

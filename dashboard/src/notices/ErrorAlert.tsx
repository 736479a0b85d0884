import { Alert, Button, Text } from "@mantine/core";
import { useIsFetching } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, formMessage } from "../api/requests/errors";
import { t } from "../texts";
import { useIsReportedAbove } from "./useIsReportedAbove";

interface ErrorAlertProps {
  error: unknown;
  title?: string;
  /** Runs when the person tries again. */
  retry?: () => void;
  retryLabel?: string;
}

/** What went wrong, and a way to try again; says while the query that failed is asked again. */
export function ErrorAlert({ error, title = t.errors.notLoaded, retry, retryLabel = t.common.tryAgain }: ErrorAlertProps) {
  const isAskedAgain = useIsFetching({ predicate: ({ state }) => state.error !== null && state.error === error }) > 0;
  const isReportedAbove = useIsReportedAbove(error);
  // Only what a query has failed of stands above, not what somebody has tried to save.
  if (isReportedAbove && retry) return <Alert color="gray" icon={<IconAlertTriangle size={18} />} title={title} role="status" />;
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm">{formMessage(error, [])}</Text>
      {error instanceof ApiError && error.requestId ? (
        <Text size="xs" c="dimmed" mt={4}>
          {t.errors.request(error.requestId)}
        </Text>
      ) : null}
      {retry ? (
        <Button size="xs" variant="default" mt="sm" onClick={retry}>
          {isAskedAgain ? t.common.tryingAgain : retryLabel}
        </Button>
      ) : null}
    </Alert>
  );
}

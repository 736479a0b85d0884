import { Alert, Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError } from "../api/errors";

interface ErrorAlertProps {
  error: unknown;
  title?: string;
  /** What to do when the person asks to try again. */
  retry?: () => void;
  retryLabel?: string;
}

/** What went wrong, and the way on. */
export function ErrorAlert({ error, title = "That did not work", retry, retryLabel = "Try again" }: ErrorAlertProps) {
  const message = error instanceof Error ? error.message : "Something unexpected happened.";
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm">{message}</Text>
      {error instanceof ApiError && error.requestId ? (
        <Text size="xs" c="dimmed" mt={4}>
          Request {error.requestId}
        </Text>
      ) : null}
      {retry ? (
        <Button size="xs" variant="default" mt="sm" onClick={retry}>
          {retryLabel}
        </Button>
      ) : null}
    </Alert>
  );
}

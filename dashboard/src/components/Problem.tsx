import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError } from "../api/client";

interface ProblemProps {
  error: unknown;
  /** What to do when the person asks to try again. */
  retry?: () => void;
}

/** What went wrong, and the way on. */
export function Problem({ error, retry }: ProblemProps) {
  const message = error instanceof Error ? error.message : "Something unexpected happened.";
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />} title="That did not work" role="alert">
      <Text size="sm">{message}</Text>
      {error instanceof ApiError && error.requestId ? (
        <Text size="xs" c="dimmed" mt={4}>
          Request {error.requestId}
        </Text>
      ) : null}
      {retry ? (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      ) : null}
    </Alert>
  );
}

import { Group, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";

/** Why the account may not change something. */
export function PermissionNote({ reason }: { reason: string }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" c="dimmed">
      <IconLock size={15} aria-hidden="true" style={{ flex: "none", marginTop: 3 }} />
      <Text size="sm">{reason}</Text>
    </Group>
  );
}

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

/** An address that leads nowhere, or to somebody else's. */
export function NotFoundPage() {
  return (
    <Center mih="60vh">
      <Stack align="center" gap="xs">
        <Title order={1} fz={24}>
          Nothing here
        </Title>
        <Text c="dimmed">This page does not exist, or you are not a member of its project.</Text>
        <Button component={Link} to="/projects" variant="light" mt="sm">
          All projects
        </Button>
      </Stack>
    </Center>
  );
}

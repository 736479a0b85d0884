import { Anchor, Container, Loader, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { Project } from "../../api/client";
import { CopyField } from "../../components/CopyField";

/** How to send the first event. The page shows the charts by itself once it has come. */
export function EmptyProject({ project }: { project: Project }) {
  const origin = window.location.origin;
  const key = project.public_key ?? "pk_…";
  const script = `<script src="${origin}/static/sdk/sdk.min.js" data-project="${key}"></script>`;
  const curl = [
    `curl ${origin}/api/v1/events/ingest`,
    `-H 'X-API-Key: ${key}'`,
    `-d '{"event_name": "hello", "distinct_id": "me"}'`,
  ].join(" \\\n  ");
  return (
    <Container size="sm" px={0}>
      <Stack>
        <div>
          <Title order={1} fz={24}>
            {project.name}
          </Title>
          <Group gap="xs" mt={4}>
            <Loader size={14} type="dots" />
            <Text c="dimmed">Waiting for the first event</Text>
          </Group>
        </div>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            From a web page
          </Title>
          <CopyField label="Put this into the page" value={script} />
          <Text size="sm" c="dimmed" mt="xs">
            Then call <code>tidemark.event(&quot;level_completed&quot;, {"{ level: 3 }"})</code> where something happens.
          </Text>
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            From a terminal
          </Title>
          <CopyField label="Send one event" value={curl} />
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            Or play
          </Title>
          <Anchor href={`/demo/snake/?key=${encodeURIComponent(key)}`} target="_blank" rel="noreferrer">
            A game of Snake
          </Anchor>{" "}
          <Text span size="sm" c="dimmed">
            sends its events to this project.
          </Text>
        </Paper>
      </Stack>
    </Container>
  );
}

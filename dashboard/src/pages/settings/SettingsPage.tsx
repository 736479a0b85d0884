import { Alert, Button, Container, Group, Modal, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import type { Project } from "../../api/client";
import { useRotateKey } from "../../api/queries";
import { CopyField } from "../../components/CopyField";
import { Problem } from "../../components/Problem";
import { exactNumber } from "../../format";
import { ProjectPage } from "../ProjectPage";

/** A project's keys and the rules in force. */
export function SettingsPage() {
  return <ProjectPage>{(project) => <Settings project={project} />}</ProjectPage>;
}

function Settings({ project }: { project: Project }) {
  useDocumentTitle(`Settings of ${project.name} · Tidemark`);
  return (
    <Container size="sm" px={0}>
      <Stack>
        <Title order={1} fz={24}>
          Settings
        </Title>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            Public key
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            Ships in pages and apps. It writes events and reads nothing.
          </Text>
          <CopyField label="Public key" value={project.public_key ?? "(none)"} />
          <RotateKey project={project} kind="public" />
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            Secret key
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            For your servers: it reads this project&apos;s data. Only its beginning is kept in clear:{" "}
            <code>{project.secret_key_prefix ?? "(none)"}…</code>
          </Text>
          <RotateKey project={project} kind="secret" />
        </Paper>
        <Paper withBorder p="md">
          <Title order={2} fz={16} mb="sm">
            In force
          </Title>
          <Text size="sm">Time zone: {project.timezone}</Text>
          <Text size="sm">Rate limit: {exactNumber(project.rate_limit_per_minute)} events a minute</Text>
          <Text size="sm">
            Sources: {project.allowed_sources.length > 0 ? project.allowed_sources.join(", ") : "all"}
          </Text>
        </Paper>
      </Stack>
    </Container>
  );
}

function RotateKey({ project, kind }: { project: Project; kind: "public" | "secret" }) {
  const [opened, { open, close }] = useDisclosure();
  const rotate = useRotateKey(project.id);
  if (project.role !== "owner" && project.role !== "admin") return null;
  const finish = () => {
    close();
    rotate.reset();
  };
  return (
    <>
      <Group mt="sm">
        <Button variant="default" size="xs" onClick={open}>
          Replace the {kind} key
        </Button>
      </Group>
      <Modal opened={opened} onClose={finish} title={`Replace the ${kind} key`}>
        {rotate.data ? (
          <Stack>
            <CopyField label={`New ${kind} key`} value={rotate.data.key} />
            {kind === "secret" ? <Alert color="orange">Copy it now: it is not shown again.</Alert> : null}
            <Button onClick={finish}>Done</Button>
          </Stack>
        ) : (
          <Stack>
            {rotate.error ? <Problem error={rotate.error} /> : null}
            <Text size="sm">
              The key in use stops working within seconds. Whatever still sends with it is refused until it has the new
              one.
            </Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={finish}>
                Keep it
              </Button>
              <Button
                color="orange"
                loading={rotate.isPending}
                onClick={() => {
                  rotate.mutate(kind);
                }}
              >
                Replace it
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

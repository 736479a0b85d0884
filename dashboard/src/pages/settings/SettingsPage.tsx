import { Container, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/client";
import { CopyField } from "../../components/CopyField";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { ProjectPage } from "../ProjectPage";
import { Facts } from "./Facts";
import { RotateKey } from "./RotateKey";

/** A project's keys and the rules in force. */
export function SettingsPage() {
  return <ProjectPage>{(project) => <Settings project={project} />}</ProjectPage>;
}

function Settings({ project }: { project: Project }) {
  const mayRotate = project.role === "owner" || project.role === "admin";
  return (
    <Container size="sm" px={0} mx={0}>
      <PageTitle title="Settings" tab={`Settings of ${project.name}`} note={project.name} />
      <Stack>
        <Panel
          title="Public key"
          actions={mayRotate ? <RotateKey projectId={project.id} kind="public" /> : null}
        >
          <Text size="sm" c="dimmed" mb="sm">
            Ships in pages and apps. It writes events and reads nothing.
          </Text>
          {project.public_key ? (
            <CopyField label="Key" value={project.public_key} />
          ) : (
            <Text size="sm">This project has no public key. Replace it to get one.</Text>
          )}
        </Panel>
        <Panel
          title="Secret key"
          actions={mayRotate ? <RotateKey projectId={project.id} kind="secret" /> : null}
        >
          <Text size="sm" c="dimmed" mb="sm">
            For your servers: it also reads this project&apos;s data. Only its beginning is kept in clear, so it cannot
            be shown again.
          </Text>
          <code>{project.secret_key_prefix ? `${project.secret_key_prefix}…` : "none"}</code>
        </Panel>
        <Panel title="In force">
          <Facts project={project} />
        </Panel>
        {mayRotate ? null : (
          <Text size="sm" c="dimmed">
            Keys are replaced by the project&apos;s owner or an admin; you are a {project.role}.
          </Text>
        )}
      </Stack>
    </Container>
  );
}

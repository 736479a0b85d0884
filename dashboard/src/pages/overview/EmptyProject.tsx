import { Anchor, Container, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/client";
import { CopyField } from "../../components/CopyField";
import { ErrorAlert } from "../../components/ErrorAlert";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { RichText } from "../../components/RichText";
import { t } from "../../texts";
import classes from "./EmptyProject.module.css";
import { curlCommand, EVENT_CALL, scriptTag } from "./snippets";

interface EmptyProjectProps {
  project: Project;
  /** Why it is unknown whether an event has arrived. */
  error: Error | null;
}

/** How to send the first event. The overview replaces this page once it has arrived. */
export function EmptyProject({ project, error }: EmptyProjectProps) {
  return (
    <Container size="sm" px={0} mx={0}>
      <PageTitle
        title={project.name}
        note={
          <span className={classes.waiting} role="status">
            <svg width="34" height="10" viewBox="0 0 34 10" aria-hidden="true" className={classes.swell}>
              <path d="M-16 6c4 0 4-3 8-3s4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3" />
            </svg>
            {t.overview.waiting}
          </span>
        }
      />
      <Stack>
        {error ? <ErrorAlert title={t.overview.waitingFailed} error={error} /> : null}
        {project.public_key === null ? (
          <Text size="sm">{t.overview.noPublicKey}</Text>
        ) : (
          <Snippets origin={window.location.origin} publicKey={project.public_key} />
        )}
      </Stack>
    </Container>
  );
}

function Snippets({ origin, publicKey }: { origin: string; publicKey: string }) {
  const demo = (
    <Anchor href={`/demo/snake/?key=${encodeURIComponent(publicKey)}`} target="_blank" rel="noopener" inherit>
      {t.overview.demoLink}
    </Anchor>
  );
  return (
    <>
      <Panel title={t.overview.fromPage}>
        <CopyField label={t.overview.snippet} value={scriptTag(origin, publicKey)} />
        <Text size="sm" c="dimmed" mt="sm">
          <RichText text={t.overview.pageViews} values={{ call: <code>{EVENT_CALL}</code> }} />
        </Text>
      </Panel>
      <Panel title={t.overview.fromServer}>
        <CopyField label={t.overview.sendOne} value={curlCommand(origin, publicKey)} />
      </Panel>
      <Panel title={t.overview.demo}>
        <Text size="sm" c="dimmed">
          <RichText text={t.overview.demoNote} values={{ link: demo }} />
        </Text>
      </Panel>
    </>
  );
}

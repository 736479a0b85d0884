import { Anchor, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { RichText } from "../../components/text/RichText";
import { InstallGuide } from "../../features/install/InstallGuide";
import { t } from "../../texts";
import classes from "./EmptyProject.module.css";

interface EmptyProjectProps {
  project: Project;
  /** Why it is unknown whether an event has arrived. */
  error: Error | null;
}

/** How to send the first event. Home replaces this page once it has arrived. */
export function EmptyProject({ project, error }: EmptyProjectProps) {
  return (
    <>
      <PageTitle
        title={project.name}
        note={
          <span className={classes.waiting} role="status">
            <svg width="34" height="10" viewBox="0 0 34 10" aria-hidden="true" className={classes.swell}>
              <path d="M-16 6c4 0 4-3 8-3s4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3" />
            </svg>
            {t.home.waiting}
          </span>
        }
      />
      <Stack>
        {error ? <ErrorAlert title={t.home.waitingFailed} error={error} /> : null}
        <InstallGuide project={project} />
        {project.public_key === null ? null : <Demo publicKey={project.public_key} />}
      </Stack>
    </>
  );
}

function Demo({ publicKey }: { publicKey: string }) {
  const demo = (
    <Anchor href={`/demo/snake/?key=${encodeURIComponent(publicKey)}`} target="_blank" rel="noopener" inherit underline="always">
      {t.home.demoLink}
    </Anchor>
  );
  return (
    <Panel title={t.home.demo}>
      <Text size="sm" c="dimmed">
        <RichText text={t.home.demoNote} values={{ link: demo }} />
      </Text>
    </Panel>
  );
}

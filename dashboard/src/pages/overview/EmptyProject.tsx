import { Anchor, Container, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/client";
import { CopyField } from "../../components/CopyField";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { ErrorAlert } from "../../components/ErrorAlert";
import classes from "./EmptyProject.module.css";

interface EmptyProjectProps {
  project: Project;
  /** Why it cannot be told at the moment whether an event has come. */
  error: Error | null;
}

/** How to send the first event. The page shows the charts by itself once it has come. */
export function EmptyProject({ project, error }: EmptyProjectProps) {
  const origin = window.location.origin;
  const key = project.public_key;
  return (
    <Container size="sm" px={0} mx={0}>
      <PageTitle
        title={project.name}
        note={
          <span className={classes.waiting} role="status">
            <svg width="34" height="10" viewBox="0 0 34 10" aria-hidden="true" className={classes.swell}>
              <path d="M-16 6c4 0 4-3 8-3s4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3 4 3 8 3 4-3 8-3" />
            </svg>
            Waiting for the first event
          </span>
        }
      />
      <Stack>
        {error ? <ErrorAlert title="Looking for events failed; this page tries again" error={error} /> : null}
        {key === null ? (
          <Text size="sm">This project has no public key. Make one in its settings, then come back.</Text>
        ) : (
          <Ways origin={origin} publicKey={key} />
        )}
      </Stack>
    </Container>
  );
}

function Ways({ origin, publicKey }: { origin: string; publicKey: string }) {
  const script = `<script src="${origin}/static/sdk/sdk.min.js"\n        data-project="${publicKey}"></script>`;
  const curl = [
    `curl ${origin}/api/v1/events/ingest`,
    `-H 'X-API-Key: ${publicKey}'`,
    `-H 'Content-Type: application/json'`,
    `-d '{"event_name": "hello", "distinct_id": "me"}'`,
  ].join(" \\\n  ");
  return (
    <>
      <Panel title="From a web page">
        <CopyField label="Put this into the page's head" value={script} />
        <Text size="sm" c="dimmed" mt="sm">
          Page views are then counted by themselves. For anything else, call{" "}
          <code>tidemark.event(&quot;level_completed&quot;, {"{ level: 3 }"})</code> where it happens.
        </Text>
      </Panel>
      <Panel title="From a terminal or a server">
        <CopyField label="Send one event" value={curl} />
      </Panel>
      <Panel title="Or play">
        <Text size="sm" c="dimmed">
          <Anchor href={`/demo/snake/?key=${encodeURIComponent(publicKey)}`} target="_blank" rel="noopener" inherit>
            A game of Snake
          </Anchor>{" "}
          opens in a new tab and sends its events to this project.
        </Text>
      </Panel>
    </>
  );
}

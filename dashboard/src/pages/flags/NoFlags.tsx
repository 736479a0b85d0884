import { Stack } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { EmptyState } from "../../components/states/EmptyState";
import { t } from "../../texts";
import { FlagSample } from "./FlagSample";

/** What to do when a project has no flags: create one, and ask for it in code. */
export function NoFlags({ project }: { project: Project }) {
  return (
    <Stack gap="md" pb="md">
      <EmptyState title={t.flags.none} note={t.flags.noneHint} />
      <FlagSample project={project} flag={{ key: "new-checkout", variants: [], conditions: [] }} />
    </Stack>
  );
}

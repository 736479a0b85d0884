import { Stack } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { CopyField } from "../../components/text/CopyField";
import { EmptyState } from "../../components/states/EmptyState";
import { t } from "../../texts";
import { flagSample } from "./flagSample";

/** What to do when a project has no flags: create one, and ask for it in code. */
export function NoFlags({ project }: { project: Project }) {
  return (
    <Stack gap="md" pb="md">
      <EmptyState title={t.flags.none} note={t.flags.noneHint} />
      {project.public_key === null ? null : <CopyField label={t.flags.sample} value={flagSample(window.location.origin, project.public_key, "new-checkout")} />}
    </Stack>
  );
}

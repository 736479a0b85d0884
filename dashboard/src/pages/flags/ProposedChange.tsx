import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useDecideProposal, type Flag } from "../../api/flags/flags";
import { useMe } from "../../api/account/login";
import { Panel } from "../../components/page/Panel";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { FieldChanges } from "./FieldChanges";
import { changesIn } from "./flagChanges";

interface ProposedChangeProps {
  project: Project;
  flag: Flag;
  canEdit: boolean;
}

/** A change of a flag that waits for a second person, who accepts or refuses it. */
export function ProposedChange({ project, flag, canEdit }: ProposedChangeProps) {
  const me = useMe();
  const decide = useDecideProposal(project.id, flag.id);
  const { proposed_change: proposal } = flag;
  if (proposal === null) return null;
  const { approval } = t.flags;
  const isOwn = me.data?.id === proposal.proposed_by;
  return (
    <Panel title={approval.title}>
      <Stack gap="sm">
        <Text size="sm">{approval.by(exactTime(proposal.proposed_at, project.timezone), proposal.proposed_by_email)}</Text>
        <FieldChanges name={approval.title} changes={changesIn({ changes: proposal.changes, definition: { ...flag } }, project.timezone)} />
        {canEdit ? (
          <Group gap="xs">
            {isOwn ? null : (
              <Button size="xs" loading={decide.isPending} onClick={() => { decide.mutate({ id: proposal.id, how: "accept" }); }}>
                {approval.accept}
              </Button>
            )}
            <Button size="xs" variant="default" disabled={decide.isPending} onClick={() => { decide.mutate({ id: proposal.id, how: "refuse" }); }}>
              {isOwn ? approval.withdraw : approval.refuse}
            </Button>
          </Group>
        ) : null}
        {isOwn ? <Text size="sm" c="dimmed">{approval.own}</Text> : null}
        {decide.error ? <ErrorAlert title={t.flags.notSwitched} error={decide.error} /> : null}
      </Stack>
    </Panel>
  );
}

/** Says of a flag in lists that a change of it waits for a second person. */
export function ProposalBadge({ flag }: { flag: Flag }) {
  return flag.proposed_change === null ? null : (
    <Badge variant="light" tt="none" color="tide" h="auto" styles={{ label: { whiteSpace: "normal" } }}>
      {t.flags.approval.waits}
    </Badge>
  );
}

import { Anchor, Badge, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import type { Flag } from "../../api/flags/flags";
import { ResourceTable, RowActions } from "../../components/tables/ResourceTable";
import { Cell, Row, RowHeading } from "../../components/tables/StackedTable";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { DeletionDialog, FlagSwitch, useFlagDeletion } from "./FlagSwitch";
import { flagSentence, percent } from "./flagSentence";
import { ProposalBadge } from "./ProposedChange";

interface FlagTableProps {
  project: Project;
  /** Those to list. */
  flags: readonly Flag[];
  /** All of the project: some may depend on others. */
  all: readonly Flag[];
  /** Why flags can probably be removed, by id. */
  stale: ReadonlyMap<number, string | null>;
  canEdit: boolean;
  onEdit: (flag: Flag) => void;
}

/** Flags: whether each is on, who gets it, and what it is for them. */
export function FlagTable({ project, flags, all, stale, canEdit, onEdit }: FlagTableProps) {
  const { columns } = t.flags;
  const deletion = useFlagDeletion(project.id, all);
  return (
    <>
      <ResourceTable
        label={t.flags.title}
        caption={t.flags.count(flags.length, exactNumber(flags.length))}
        columns={[columns.flag, columns.state, columns.audience, columns.values, columns.changed]}
        actions={canEdit ? t.flags.actions : undefined}
      >
        {flags.map((flag) => (
          <Row key={flag.id}>
            <RowHeading miw={130} style={{ overflowWrap: "anywhere" }}>
              <Anchor component={Link} size="sm" fw={550} to={projectAddress(project.id, `/flags/${flag.id}`)}>
                {flag.key}
              </Anchor>
              {flag.name ? (
                <Text size="xs" c="dimmed">
                  {flag.name}
                </Text>
              ) : null}
              <StaleBadge reason={stale.get(flag.id) ?? null} />
              <ProposalBadge flag={flag} />
            </RowHeading>
            <Cell miw={90} label={columns.state}>
              <FlagSwitch project={project} flag={flag} all={all} canEdit={canEdit} />
            </Cell>
            <Cell miw={150} maw={380} label={columns.audience} style={{ overflowWrap: "anywhere" }}>
              <Text size="sm" lineClamp={3} dir="auto">
                {flagSentence(flag, project.timezone)}
              </Text>
            </Cell>
            <Cell miw={100} label={columns.values} style={{ overflowWrap: "anywhere" }}>
              <Text size="sm" lineClamp={3}>
                {variantsText(flag)}
              </Text>
            </Cell>
            <Cell miw={110} label={columns.changed}>
              <Text size="sm">{exactTime(flag.updated_at, project.timezone)}</Text>
            </Cell>
            {canEdit ? (
              <RowActions
                editLabel={t.flags.editOf(flag.key)}
                deleteLabel={t.flags.deleteOf(flag.key)}
                onEdit={() => { onEdit(flag); }}
                onDelete={() => { deletion.ask(flag); }}
              />
            ) : null}
          </Row>
        ))}
      </ResourceTable>
      <DeletionDialog deletion={deletion} />
    </>
  );
}

/** The values of a flag: "on or off", or its variants with their shares. */
export function variantsText({ variants }: Pick<Flag, "variants">): string {
  if (variants.length === 0) return t.flags.onOrOff;
  return variants.map(({ key, rollout_percentage: share }) => t.flags.variantShare(key, percent(share))).join(", ");
}

/** Says of a flag why it can probably be removed from code; null: it cannot. */
export function StaleBadge({ reason }: { reason: string | null }) {
  return reason === null ? null : (
    <Badge variant="light" tt="none" color="gray" h="auto" styles={{ label: { whiteSpace: "normal" } }}>
      {t.flags.stale(reason)}
    </Badge>
  );
}

import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { dependentsOf, useFlags, useStaleFlags, useSwitchFlag, type Flag } from "../../api/flags/flags";
import { missingPermission } from "../../api/projects/roles";
import { ConfirmButton } from "../../components/forms/ConfirmButton";
import { DefinitionList } from "../../components/tables/DefinitionList";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { Panel } from "../../components/page/Panel";
import { PermissionNote } from "../../components/states/PermissionNote";
import { exactNumber } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { CopyFlag } from "./CopyFlag";
import { FlagDialog } from "./FlagDialog";
import { FlagHistory } from "./FlagHistory";
import { conditionSentence, flagSentence, valueName } from "./flagSentence";
import { DeletionDialog, useFlagDeletion } from "./FlagSwitch";
import { StaleBadge, variantsText } from "./FlagTable";
import { ProposedChange } from "./ProposedChange";
import { staleReason } from "./flagUse";
import { UsagePanel } from "./UsagePanel";

/** One flag: who gets it, and what was changed. */
export function FlagPage({ project, flagId }: { project: Project; flagId: number }) {
  const flags = useFlags(project.id);
  const flag = flags.data?.find(({ id }) => id === flagId);
  return (
    <>
      <Anchor component={Link} size="sm" to={projectAddress(project.id, "/flags")}>
        {t.flags.back}
      </Anchor>
      {flag && flags.data ? <Shown project={project} flag={flag} all={flags.data} /> : null}
      {flags.error && !flag ? (
        <>
          <PageTitle title={t.flags.title} />
          <ErrorAlert title={t.flags.notLoaded} error={flags.error} retry={() => void flags.refetch()} />
        </>
      ) : null}
      {!flags.data && !flags.error ? <LoadingSkeleton height={360} radius="lg" aria-busy="true" /> : null}
      {flags.data && !flag ? <NotFound /> : null}
    </>
  );
}

interface ShownProps {
  project: Project;
  flag: Flag;
  /** All flags of the project. */
  all: readonly Flag[];
}

function Shown({ project, flag, all }: ShownProps) {
  const stale = useStaleFlags(project.id);
  const [isEditing, setEditing] = useState(false);
  const readOnlyReason = missingPermission(project.role, "member");
  return (
    <>
      <PageTitle
        title={flag.key}
        tab={t.flags.tab(flag.key)}
        note={
          <Group gap="xs" component="span">
            <Badge variant="light" tt="none" color={flag.is_active ? "tide" : "gray"}>
              {flag.is_active ? t.common.on : t.common.off}
            </Badge>
            {flag.name}
            <StaleBadge reason={staleReason(flag.key, stale.data)} />
          </Group>
        }
        actions={readOnlyReason === null ? <Actions project={project} flag={flag} all={all} onEdit={() => { setEditing(true); }} /> : null}
      />
      <Stack gap="var(--tm-gap)">
        {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
        <ProposedChange project={project} flag={flag} canEdit={readOnlyReason === null} />
        <Audience project={project} flag={flag} all={all} />
        <UsagePanel project={project} flag={flag} />
        <FlagHistory project={project} flag={flag} canRestore={readOnlyReason === null} />
      </Stack>
      {isEditing ? <FlagDialog project={project} flags={all} flag={flag} onClose={() => { setEditing(false); }} /> : null}
    </>
  );
}

function Actions({ project, flag, all, onEdit }: ShownProps & { onEdit: () => void }) {
  const navigate = useNavigate();
  const change = useSwitchFlag(project.id);
  const deletion = useFlagDeletion(project.id, all, () => void navigate(projectAddress(project.id, "/flags")));
  const dependents = dependentsOf(flag.key, all);
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" leftSection={<IconPencil size={15} />} onClick={onEdit}>
        {t.common.edit}
      </Button>
      <ConfirmButton
        label={flag.is_active ? t.flags.switchOff : t.flags.switchOn}
        title={flag.is_active ? t.flags.switchOff : t.flags.switchOn}
        action={flag.is_active ? t.flags.switchOff : t.flags.switchOn}
        mutation={change}
        {...(flag.is_active ? { button: { color: "coral", variant: "light" } } : {})}
        onConfirm={(onDone) => {
          change.switchTo(flag, !flag.is_active, onDone);
        }}
      >
        <Text size="sm">{flag.is_active ? t.flags.switchOffNote(flag.key) : t.flags.switchOnNote(flagSentence({ ...flag, is_active: true }, project.timezone))}</Text>
        {dependents.length > 0 ? (
          <Text size="sm" mt="xs">
            {t.flags.dependentsNote(flag.key, dependents)}
          </Text>
        ) : null}
      </ConfirmButton>
      <CopyFlag project={project} flag={flag} />
      <Button size="xs" variant="default" leftSection={<IconTrash size={15} />} onClick={() => { deletion.ask(flag); }}>
        {t.common.delete}
      </Button>
      <DeletionDialog deletion={deletion} />
    </Group>
  );
}

function Audience({ project, flag, all }: ShownProps) {
  const { facts } = t.flags;
  const zone = project.timezone;
  const dependents = all.filter(({ key }) => dependentsOf(flag.key, all).includes(key));
  const payloads = Object.entries(flag.payloads);
  return (
    <Panel title={t.flags.audience}>
      <DefinitionList
        items={[
          [facts.who, flagSentence(flag, zone)],
          ...(flag.conditions.length > 0
            ? [
                [
                  t.flags.conditions,
                  <ol key="conditions" style={{ margin: 0, paddingInlineStart: 20 }}>
                    {flag.conditions.map((condition, index) => (
                      <li key={index}>{conditionSentence(condition, flag.rollout_percentage, flag.group_type)}</li>
                    ))}
                  </ol>,
                ] as const,
              ]
            : []),
          [t.flags.values, variantsText(flag)],
          ...payloads.map(([value, payload]) => [t.flags.payloadOf(valueName(value)), <code key={value}>{JSON.stringify(payload)}</code>] as const),
          ...overridesText(flag),
          ...(dependents.length > 0
            ? [
                [
                  facts.dependents,
                  dependents.map(({ id, key }) => (
                    <Anchor key={id} component={Link} inherit mr={8} to={projectAddress(project.id, `/flags/${id}`)}>
                      {key}
                    </Anchor>
                  )),
                ] as const,
              ]
            : []),
          ...(flag.description ? [[t.flags.description, flag.description] as const] : []),
          [facts.changed, t.flags.changedAt(exactTime(flag.updated_at, zone), exactNumber(flag.version))],
        ]}
      />
    </Panel>
  );
}

const SHOWN_IDS = 20;

/** The users that always have a value, by value. */
function overridesText({ overrides }: Flag): (readonly [string, string])[] {
  const byValue = new Map<string, string[]>();
  for (const [id, value] of Object.entries(overrides)) byValue.set(String(value), [...(byValue.get(String(value)) ?? []), id]);
  return [...byValue].map(([value, ids]) => [
    t.flags.always(valueName(value)),
    [ids.slice(0, SHOWN_IDS).join(", "), ...(ids.length > SHOWN_IDS ? [t.flags.more(exactNumber(ids.length - SHOWN_IDS))] : [])].join(" "),
  ]);
}

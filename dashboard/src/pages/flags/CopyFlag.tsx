import { Anchor, Button, Select, Switch, Text } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { useCopyFlag, useFlagCopyPreview, type FlagChangesOfCopy, type FlagCopy } from "../../api/flags/copyFlag";
import type { Flag } from "../../api/flags/flags";
import { useProjects } from "../../api/projects/projects";
import { isAtLeast } from "../../api/projects/roles";
import type { Project } from "../../api/requests/client";
import { FormDialog } from "../../components/forms/FormDialog";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { isObject } from "../../report/json";
import { t } from "../../texts";
import { changesIn } from "./flagChanges";
import { FieldChanges } from "./FieldChanges";

const texts = t.flags.copying;

/** Copies a flag to another project, and shows before what that changes there. */
export function CopyFlag({ project, flag }: { project: Project; flag: Flag }) {
  const [isOpen, setOpen] = useState(false);
  const others = (useProjects().data ?? []).filter(({ id, role }) => id !== project.id && isAtLeast(role, "member"));
  if (others.length === 0) return null;
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconCopy size={15} />} onClick={() => { setOpen(true); }}>
        {texts.open}
      </Button>
      {isOpen ? <CopyDialog project={project} flag={flag} others={others} onClose={() => { setOpen(false); }} /> : null}
    </>
  );
}

interface CopyDialogProps {
  project: Project;
  flag: Flag;
  /** Projects that the person may change. */
  others: readonly Project[];
  onClose: () => void;
}

function CopyDialog({ project, flag, others, onClose }: CopyDialogProps) {
  const [to, setTo] = useState<string | null>(null);
  const [keepsRollout, setKeepsRollout] = useState(true);
  const target = others.find(({ id }) => String(id) === to);
  const copy: FlagCopy | null = target ? { fromProjectId: project.id, key: flag.key, toProjectId: target.id, keepsRollout } : null;
  const send = useCopyFlag(target?.id ?? 0);
  const preview = useFlagCopyPreview(send.isSuccess ? null : copy);
  const changes = preview.error ? undefined : preview.data;
  return (
    <FormDialog
      opened
      size="lg"
      onClose={onClose}
      title={texts.title(flag.key)}
      mutation={send}
      submitLabel={texts.copy}
      cancelLabel={send.isSuccess ? t.common.close : t.common.cancel}
      isReady={!send.isSuccess && changes !== undefined && !isNothing(changes)}
      onSubmit={() => {
        if (copy) send.mutate(copy);
      }}
    >
      <Select
        label={texts.to}
        description={texts.toHint}
        data={others.map(({ id, name }) => ({ value: String(id), label: name }))}
        searchable
        value={to}
        onChange={(value) => {
          send.reset();
          setTo(value);
        }}
      />
      <Switch
        label={texts.keepsRollout}
        description={texts.keepsRolloutHint}
        checked={keepsRollout}
        onChange={(event) => {
          send.reset();
          setKeepsRollout(event.currentTarget.checked);
        }}
      />
      <div role="status">
        {target && send.isSuccess ? (
          <Text size="sm">
            {texts.done(target.name)}{" "}
            <Anchor component={Link} inherit to={projectAddress(target.id, "/flags")}>
              {texts.show}
            </Anchor>
          </Text>
        ) : null}
        {target && changes && !send.isSuccess ? <Outcome changes={changes} flag={flag} target={target} /> : null}
        {preview.isFetching && !changes ? <ListSkeleton /> : null}
      </div>
      {preview.error ? <ErrorAlert title={texts.refused} error={preview.error} /> : null}
    </FormDialog>
  );
}

function isNothing({ created, changed }: FlagChangesOfCopy): boolean {
  return created.length === 0 && Object.keys(changed).length === 0;
}

/** What the copy would change in the other project. */
function Outcome({ changes, flag, target }: { changes: FlagChangesOfCopy; flag: Flag; target: Project }) {
  const changed = changes.changed[flag.key];
  return (
    <>
      <Text size="sm" fw={550}>
        {isNothing(changes) ? texts.nothing(target.name) : changes.created.length > 0 ? texts.created(target.name) : texts.changed(target.name)}
      </Text>
      {isObject(changed) ? (
        <FieldChanges name={flag.key} changes={changesIn({ changes: changed, definition: { ...flag } }, target.timezone)} />
      ) : null}
      {changes.waiting.length > 0 ? (
        <Text size="sm" c="dimmed">
          {texts.waits}
        </Text>
      ) : null}
    </>
  );
}

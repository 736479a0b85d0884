import { Checkbox, TextInput, Textarea } from "@mantine/core";
import type { Project, Report } from "../../api/requests/client";
import { useDescribeEvent } from "../../api/events/events";
import { missingPermission } from "../../api/projects/roles";
import { FormPanel } from "../../components/forms/FormPanel";
import { useDraft } from "../../components/forms/useDraft";
import { t } from "../../texts";

const texts = t.events;

/** What the team knows about an event; members may write it. */
export function Documentation({ project, entry }: { project: Project; entry: Report<"definitions/catalog-entry"> }) {
  const mutation = useDescribeEvent(project.id, entry.event.name);
  const { event, verified, hidden } = entry;
  const draft = useDraft({ description: event.description, owner: event.owner, verified, hidden });
  return (
    <FormPanel
      title={texts.document}
      readOnlyReason={missingPermission(project.role, "member")}
      mutation={mutation}
      isChanged={draft.isChanged}
      fields={["description", "owner", "verified", "hidden"]}
      onSave={() => {
        mutation.mutate(draft.changes);
      }}
      onUndo={draft.undo}
    >
      <Textarea
        label={texts.description}
        description={texts.descriptionNote}
        rows={3}
        maxLength={2_000}
        value={draft.values.description}
        onChange={(change) => {
          draft.set("description", change.currentTarget.value);
        }}
      />
      <TextInput
        label={texts.owner}
        description={texts.ownerNote}
        maxLength={200}
        value={draft.values.owner}
        onChange={(change) => {
          draft.set("owner", change.currentTarget.value);
        }}
      />
      <Checkbox
        label={texts.verified}
        description={texts.verifiedNote}
        checked={draft.values.verified}
        onChange={(change) => {
          draft.set("verified", change.currentTarget.checked);
        }}
      />
      <Checkbox
        label={texts.hidden}
        description={texts.hiddenNote}
        checked={draft.values.hidden}
        onChange={(change) => {
          draft.set("hidden", change.currentTarget.checked);
        }}
      />
    </FormPanel>
  );
}

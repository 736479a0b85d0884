import { Button, Select, Text } from "@mantine/core";
import type { ApiKey } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useReplaceKey } from "../../api/projects/keys";
import { FormDialog } from "../../components/forms/FormDialog";
import { RichText } from "../../components/text/RichText";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { useFormDialog } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { keyKind, keyLabel, keyName } from "./keyName";
import { secretKeyOnce } from "./secretKeyOnce";

/** Choices of how long the old key keeps working, in hours. */
const GRACE_HOURS = [0, 1, 24, 72, 168, 720];
const INITIAL = { grace: "24" };

/** A button, and the dialog that replaces a key, with time to deploy the new one. */
export function ReplaceKey({ projectId, apiKey }: { projectId: number; apiKey: ApiKey }) {
  const showOnce = useShowOnce();
  const replace = useReplaceKey(projectId, apiKey.id, (key) => {
    const shown = secretKeyOnce(key);
    if (shown) showOnce(shown);
  });
  const dialog = useFormDialog(INITIAL, replace);
  const { grace } = dialog.values;
  const texts = t.settings.keys;
  return (
    <>
      <Button variant="default" size="xs" onClick={dialog.open} aria-label={texts.replaceOf(keyLabel(apiKey))}>
        {texts.replace}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={texts.replaceTitle(keyName(apiKey))}
        mutation={replace}
        fields={["grace_hours"]}
        errorTitle={texts.notReplaced}
        submitLabel={texts.replaceAction}
        cancelLabel={texts.keep}
        isDestructive
        onSubmit={() => {
          replace.mutate(Number(grace), { onSuccess: dialog.close });
        }}
      >
        <Text size="sm">
          <RichText text={texts.replaceNote} values={{ key: <code>{texts.masked(apiKey.prefix)}</code> }} />
        </Text>
        <Select
          label={texts.grace}
          data-autofocus
          data={GRACE_HOURS.map((hours) => ({
            value: String(hours),
            label: hours === 0 ? texts.noGrace : texts.graceHours(hours),
          }))}
          value={grace}
          allowDeselect={false}
          error={fieldError(replace.error, "grace_hours")}
          onChange={(hours) => {
            if (hours) dialog.set("grace", hours);
          }}
        />
        {grace === "0" ? <Text size="sm">{texts.noGraceEffect[keyKind(apiKey)]}</Text> : null}
      </FormDialog>
    </>
  );
}

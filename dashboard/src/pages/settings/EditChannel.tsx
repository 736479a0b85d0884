import { Alert, Button, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useChangeChannel, useCreateChannel, useMailSetup, type Channel, type ChannelChanges, type ChannelKind } from "../../api/alerts/channels";
import { fieldError } from "../../api/requests/errors";
import type { MutationState } from "../../api/cache/useApiMutation";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { ListField } from "../../components/forms/ListField";
import { useShowOnce } from "../../components/showOnce/useShowOnce";
import { useFormDialog, type FormDialogState } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { signingKeyOnce } from "./signingKeyOnce";

const texts = t.channels;
const KINDS = Object.keys(texts.kinds) as ChannelKind[];
const TEXTS = ["name", "url", "bot_token", "chat_id", "topic", "access_token"] as const;
const SERVERS: Partial<Record<ChannelKind, string>> = { telegram: "https://api.telegram.org", ntfy: "https://ntfy.sh" };
type TextField = (typeof TEXTS)[number];
type Fields = Record<TextField, string> & { kind: ChannelKind; recipients: string[] };

const NEW: Fields = { kind: "email", recipients: [], name: "", url: "", bot_token: "", chat_id: "", topic: "", access_token: "" };
/** What a kind of channel cannot do without. */
const REQUIRED: Record<ChannelKind, readonly TextField[]> = {
  email: [],
  webhook: ["url"],
  slack: ["url"],
  discord: ["url"],
  teams: ["url"],
  telegram: ["bot_token", "chat_id"],
  ntfy: ["topic"],
};

/** A button, and the dialog that adds a channel. */
export function AddChannel({ projectId }: { projectId: number }) {
  const showOnce = useShowOnce();
  const create = useCreateChannel(projectId, (name, key) => {
    showOnce(signingKeyOnce(name, key));
  });
  const dialog = useFormDialog(NEW, create);
  const mail = useMailSetup(projectId);
  const missing = dialog.values.kind === "email" && mail.data?.is_set_up === false ? mail.data.missing : [];
  return (
    <>
      <AddButton onClick={dialog.open}>{texts.add}</AddButton>
      <ChannelDialog
        title={texts.add}
        dialog={dialog}
        save={create}
        missingSettings={missing}
        onSubmit={() => {
          create.mutate({ ...filledIn(dialog.values), name: dialog.values.name.trim(), kind: dialog.values.kind }, { onSuccess: dialog.close });
        }}
      />
    </>
  );
}

/** A button, and the dialog that changes a channel. What is secret is not shown, and stays unless it is entered again. */
export function EditChannel({ projectId, channel }: { projectId: number; channel: Channel }) {
  const { id, name, kind, recipients, chat_id } = channel;
  const change = useChangeChannel(projectId, id);
  const dialog = useFormDialog<Fields>({ ...NEW, name, kind, recipients, chat_id: chat_id ?? "" }, change);
  return (
    <>
      <Button variant="default" size="xs" onClick={dialog.open} aria-label={texts.editOf(name)}>
        {t.common.edit}
      </Button>
      <ChannelDialog
        title={texts.editTitle(name)}
        isStored
        dialog={dialog}
        save={change}
        missingSettings={[]}
        onSubmit={() => {
          change.mutate(filledIn(dialog.values), { onSuccess: dialog.close });
        }}
      />
    </>
  );
}

/** What was entered of the fields that the kind has. */
function filledIn({ kind, recipients, ...values }: Fields): ChannelChanges {
  const entered = TEXTS.map((name) => [name, values[name].trim()] as const).filter(([, value]) => value !== "");
  return { ...(kind === "email" ? { recipients } : {}), ...Object.fromEntries(entered) };
}

interface ChannelDialogProps {
  title: string;
  /** Whether the channel is there already, with its secrets. */
  isStored?: boolean;
  dialog: FormDialogState<Fields>;
  save: MutationState;
  /** What the operator has to set before this kind of channel works. */
  missingSettings: readonly string[];
  onSubmit: () => void;
}

function ChannelDialog({ title, isStored = false, dialog, save, missingSettings, onSubmit }: ChannelDialogProps) {
  const { values, set } = dialog;
  const needed = isStored ? [] : REQUIRED[values.kind];
  const isReady =
    values.name.trim() !== "" &&
    missingSettings.length === 0 &&
    (values.kind !== "email" || values.recipients.length > 0) &&
    needed.every((name) => values[name].trim() !== "");
  return (
    <FormDialog
      opened={dialog.opened}
      onClose={dialog.close}
      title={title}
      mutation={save}
      fields={[...TEXTS, "kind", "recipients"]}
      submitLabel={isStored ? t.common.save : texts.create}
      isReady={isReady}
      onSubmit={onSubmit}
    >
      {isStored ? null : (
        <NativeSelect
          label={texts.kind}
          data={KINDS.map((value) => ({ value, label: texts.kinds[value] }))}
          value={values.kind}
          error={fieldError(save.error, "kind")}
          onChange={(event) => {
            const kind = KINDS.find((one) => one === event.currentTarget.value);
            if (kind) set("kind", kind);
          }}
        />
      )}
      {missingSettings.length > 0 ? <Alert color="coral">{texts.mailMissing(missingSettings.join(", "))}</Alert> : null}
      <TextInput label={t.common.name} description={texts.nameHint} maxLength={200} data-autofocus {...textField(dialog, "name", save.error)} />
      <KindFields dialog={dialog} error={save.error} isStored={isStored} />
    </FormDialog>
  );
}

/** The value, the error and the change of a text. */
function textField(dialog: FormDialogState<Fields>, name: TextField, error: Error | null) {
  return {
    value: dialog.values[name],
    error: fieldError(error, name),
    onChange: (event: { currentTarget: { value: string } }) => {
      dialog.set(name, event.currentTarget.value);
    },
  };
}

/** The fields that one kind of channel has. */
function KindFields({ dialog, error, isStored }: { dialog: FormDialogState<Fields>; error: Error | null; isStored: boolean }) {
  const { kind, recipients } = dialog.values;
  const field = (name: TextField) => textField(dialog, name, error);
  const secret = isStored ? { placeholder: texts.unchanged } : {};
  const label = texts.url[kind];
  const hint = texts.urlHint[kind];
  const server = SERVERS[kind];
  return (
    <>
      {kind === "email" ? (
        <ListField
          label={texts.recipients}
          placeholder={texts.noRecipients}
          entry={texts.recipient}
          splitChars={[",", ";", " "]}
          value={recipients}
          error={fieldError(error, "recipients")}
          onChange={(addresses) => {
            dialog.set("recipients", addresses);
          }}
        />
      ) : null}
      {label ? <TextInput type="url" label={label} description={hint} maxLength={2000} {...secret} {...field("url")} /> : null}
      {kind === "telegram" ? (
        <>
          <PasswordInput label={texts.botToken} autoComplete="off" maxLength={200} {...secret} {...field("bot_token")} />
          <TextInput label={texts.chatId} description={texts.chatIdHint} maxLength={100} {...field("chat_id")} />
        </>
      ) : null}
      {kind === "ntfy" ? (
        <>
          <TextInput label={texts.topic} maxLength={64} {...secret} {...field("topic")} />
          <PasswordInput label={texts.accessToken} autoComplete="off" maxLength={200} {...secret} {...field("access_token")} />
        </>
      ) : null}
      {server ? <TextInput type="url" label={texts.server} description={isStored ? texts.unchanged : texts.serverHint(server)} maxLength={2000} {...field("url")} /> : null}
    </>
  );
}

import { Stack, Text } from "@mantine/core";
import { ListField } from "../../components/forms/ListField";
import { t } from "../../texts";
import { errorsIn } from "./errorsIn";
import type { FieldProps } from "./fieldProps";
import { valuesOf } from "./flagDraft";
import { valueName } from "./flagSentence";

/** The users who always have a value, by their distinct ids; of a flag for groups, the groups by their keys. */
export function OverrideFields({ draft, problems, error, change }: FieldProps) {
  const values = [...new Set([...valuesOf(draft), "false", ...Object.keys(draft.overrides)])].filter((value) => value !== "");
  const wrong = errorsIn(error, "overrides") ?? (problems.has("overrides") ? t.flags.twoValues : undefined);
  const [title, entry] = draft.groupType === null ? [t.flags.overrides, t.flags.userId] : [t.flags.overridesOfGroups, t.flags.groupKey];
  return (
    <Stack gap="xs" role="group" aria-label={title}>
      <div>
        <Text size="sm" fw={500}>
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {t.flags.overridesHint}
        </Text>
      </div>
      {values.map((value) => (
        <ListField
          key={value}
          label={t.flags.always(valueName(value))}
          placeholder={entry}
          entry={entry}
          value={draft.overrides[value] ?? []}
          onChange={(ids) => {
            const others = Object.entries(draft.overrides).filter(([other]) => other !== value);
            change({ overrides: Object.fromEntries(ids.length > 0 ? [...others, [value, ids]] : others) });
          }}
        />
      ))}
      {wrong ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {wrong}
        </Text>
      ) : null}
    </Stack>
  );
}

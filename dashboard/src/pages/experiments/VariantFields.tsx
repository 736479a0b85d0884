import { ActionIcon, Fieldset, Group, Input, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { AddButton } from "../../components/forms/AddButton";
import { ShareField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import type { VariantDraft } from "./experimentDraft";

const [MIN_VARIANTS, MAX_VARIANTS] = [2, 5];

interface VariantFieldsProps {
  variants: readonly VariantDraft[];
  error: string | undefined;
  onChange: (variants: VariantDraft[]) => void;
}

/** The variants that are compared, with their shares. */
export function VariantFields({ variants, error, onChange }: VariantFieldsProps) {
  const set = (index: number, changes: Partial<VariantDraft>) => {
    onChange(variants.map((one, at) => (at === index ? { ...one, ...changes } : one)));
  };
  return (
    <Fieldset legend={t.experiments.variants}>
      <Stack gap="xs">
        <Text size="xs" c="dimmed">
          {t.experiments.variantsHint}
        </Text>
        {variants.map(({ key, share }, index) => (
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              style={{ flex: 1 }}
              aria-label={t.experiments.variant(index + 1)}
              maxLength={200}
              value={key}
              onChange={(event) => {
                set(index, { key: event.currentTarget.value });
              }}
            />
            <ShareField
              w={100}
              aria-label={t.experiments.share(index + 1)}
              max={100}
              value={share}
              onChange={(changed) => {
                set(index, { share: changed });
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={t.experiments.removeVariant(index + 1)}
              disabled={variants.length <= MIN_VARIANTS}
              onClick={() => {
                onChange(variants.filter((_, at) => at !== index));
              }}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
        {error ? (
          <Input.Error role="alert">{error}</Input.Error>
        ) : null}
        {variants.length < MAX_VARIANTS ? (
          <AddButton
            onClick={() => {
              onChange([...variants, { key: "", share: null }]);
            }}
          >
            {t.experiments.addVariant}
          </AddButton>
        ) : null}
      </Stack>
    </Fieldset>
  );
}

import { ActionIcon, Button, Group, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { AddButton } from "../../components/forms/AddButton";
import { NumberField } from "../../components/forms/NumberField";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import { errorsIn } from "./errorsIn";
import type { FieldProps } from "./fieldProps";
import { distributeEvenly, renameVariant, totalShare, type VariantDraft } from "./flagDraft";
import classes from "./FlagsPage.module.css";
import { percent } from "./flagSentence";

const PAYLOAD_EXAMPLE = '{"colour": "teal"}';

/** The variants of a flag, whose shares add up to 100 %. */
export function VariantFields({ draft, problems, error, change }: FieldProps) {
  const { variants } = draft;
  const wrong = errorsIn(error, "variants", true) ?? (problems.has("variants") ? t.flags.wrongTotal(percent(totalShare(draft))) : undefined);
  const tooLarge = errorsIn(error, "payloads", true);
  const set = (index: number, changes: Partial<VariantDraft>) => {
    change({ variants: variants.map((one, other) => (other === index ? { ...one, ...changes } : one)) });
  };
  return (
    <Stack gap="xs">
      {variants.map((variant, index) => {
        const name = t.flags.variantNumber(index + 1);
        return (
          <fieldset key={index} className={classes.group} aria-label={name}>
            <Stack gap="xs">
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm" fw={550}>
                  {name}
                </Text>
                {variants.length > 1 ? (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t.flags.removeOf(name)}
                    onClick={() => {
                      change({ variants: variants.filter((_, other) => other !== index) });
                    }}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                ) : null}
              </Group>
              <SimpleGrid cols={2}>
                <TextInput
                  label={t.flags.variantKey}
                  maxLength={200}
                  value={variant.key}
                  error={errorsIn(error, `variants.${index}`) ?? (problems.has(`variants.${index}`) ? t.flags.keyHint : undefined)}
                  onChange={(event) => {
                    change(renameVariant(draft, index, event.currentTarget.value));
                  }}
                />
                <NumberField
                  label={t.flags.variantPart}
                  allowDecimal
                  decimalScale={4}
                  inputMode="decimal"
                  suffix=" %"
                  min={0}
                  max={100}
                  value={variant.share}
                  error={wrong !== undefined}
                  onChange={(share) => {
                    set(index, { share });
                  }}
                />
              </SimpleGrid>
              <PayloadField
                label={t.flags.payload}
                value={variant.payload}
                error={errorsIn(error, `payloads.${variant.key}`) ?? (problems.has(`payloads.${index}`) ? t.flags.notJson : undefined)}
                onChange={(payload) => {
                  set(index, { payload });
                }}
              />
            </Stack>
          </fieldset>
        );
      })}
      <Text size="xs" role="status" c={wrong === undefined ? "dimmed" : "var(--mantine-color-error)"}>
        {wrong ?? t.flags.total(percent(totalShare(draft)))}
      </Text>
      {tooLarge ? (
        <Text size="xs" role="alert" c="var(--mantine-color-error)">
          {tooLarge}
        </Text>
      ) : null}
      <Group gap="xs">
        <AddButton
          disabled={variants.length >= 50}
          onClick={() => {
            change({ variants: [...variants, { key: `variant-${exactNumber(variants.length + 1)}`, name: "", share: 0, payload: "" }] });
          }}
        >
          {t.flags.addVariant}
        </AddButton>
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            change({ variants: distributeEvenly(variants) });
          }}
        >
          {t.flags.distribute}
        </Button>
      </Group>
    </Stack>
  );
}

interface PayloadFieldProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange: (payload: string) => void;
}

/** A JSON value that code gets with a value of the flag. */
export function PayloadField({ label, value, error, onChange }: PayloadFieldProps) {
  return (
    <Textarea
      label={label}
      placeholder={PAYLOAD_EXAMPLE}
      autosize
      minRows={1}
      maxRows={10}
      spellCheck={false}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

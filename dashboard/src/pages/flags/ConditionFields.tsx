import { ActionIcon, Group, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconArrowUp, IconTrash } from "@tabler/icons-react";
import type { Project } from "../../api/requests/client";
import type { Flag } from "../../api/flags/flags";
import { AddButton } from "../../components/forms/AddButton";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { errorsIn } from "./errorsIn";
import { FilterFields } from "./FilterFields";
import type { FieldProps } from "./fieldProps";
import { newFilter, scopesOf, type ConditionDraft } from "./flagDraft";
import classes from "./FlagsPage.module.css";

interface ConditionFieldsProps extends FieldProps {
  project: Project;
  /** The flags whose values a filter may ask for. */
  others: readonly Flag[];
  /** Names of properties that users have. */
  properties: readonly string[];
  index: number;
}

/** The fields of one condition: its filters, its share and its variant. */
export function ConditionFields({ draft, problems, error, change, project, others, properties, index }: ConditionFieldsProps) {
  const { conditions, hasVariants, variants, groupType } = draft;
  const scopes = scopesOf(groupType);
  const condition = conditions[index] as ConditionDraft;
  const name = t.flags.conditionNumber(index + 1);
  const set = (changes: Partial<ConditionDraft>) => {
    change({ conditions: conditions.map((one, other) => (other === index ? { ...one, ...changes } : one)) });
  };
  const path = `conditions.${index}`;
  return (
    <fieldset className={classes.group} aria-label={name}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <Group gap={4} wrap="nowrap">
            {index > 0 ? (
              <ActionIcon variant="subtle" color="gray" aria-label={t.flags.moveUp(name)} onClick={() => { change({ conditions: movedUp(conditions, index) }); }}>
                <IconArrowUp size={16} />
              </ActionIcon>
            ) : null}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t.flags.removeOf(name)}
              onClick={() => {
                change({ conditions: conditions.filter((_, other) => other !== index) });
              }}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Group>
        {condition.filters.length === 0 ? (
          <Text size="sm" c="dimmed">
            {groupType === null ? t.flags.noFilters : t.flags.noFiltersOfGroups}
          </Text>
        ) : null}
        {condition.filters.map((filter, number) => (
          <FilterFields
            key={number}
            projectId={project.id}
            others={others}
            scopes={scopes}
            properties={properties}
            filter={filter}
            name={t.flags.filterNumber(number + 1)}
            error={errorsIn(error, `${path}.filters.${number}`)}
            isIncomplete={problems.has(`${path}.filters.${number}`)}
            onChange={(changed) => {
              const next = condition.filters.map((one, other) => (other === number ? changed : one));
              set({ filters: next.filter((one) => one !== null) });
            }}
          />
        ))}
        <AddButton
          variant="subtle"
          disabled={condition.filters.length >= 50}
          onClick={() => {
            set({ filters: [...condition.filters, newFilter(scopes[0])] });
          }}
        >
          {t.flags.addFilter}
        </AddButton>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberField
            label={groupType === null ? t.flags.conditionShare : t.flags.conditionShareOfGroups}
            placeholder={t.flags.shareOfFlag}
            allowDecimal
            decimalScale={4}
            inputMode="decimal"
            suffix=" %"
            min={0}
            max={100}
            value={condition.share}
            error={errorsIn(error, `${path}.rollout_percentage`)}
            onChange={(share) => {
              set({ share });
            }}
          />
          {hasVariants ? (
            <Select
              label={t.flags.conditionVariant}
              data={[{ value: "", label: t.flags.byShares }, ...namesOf(variants.map(({ key }) => key), condition.variant)]}
              allowDeselect={false}
              value={condition.variant ?? ""}
              error={errorsIn(error, `${path}.variant`)}
              onChange={(variant) => {
                set({ variant: variant || null });
              }}
            />
          ) : null}
        </SimpleGrid>
      </Stack>
    </fieldset>
  );
}

/** The choices of a variant, with one that is chosen and no longer exists. Two may have the same key while somebody types. */
function namesOf(keys: readonly string[], chosen: string | null): string[] {
  return [...new Set([...keys, ...(chosen === null ? [] : [chosen])])].filter((key) => key !== "");
}

function movedUp(conditions: readonly ConditionDraft[], index: number): ConditionDraft[] {
  const next = [...conditions];
  next.splice(index - 1, 0, ...next.splice(index, 1));
  return next;
}

import { Button, CloseButton, Input, UnstyledButton } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import { conditionName } from "../../../report/conditionName";
import { FilterPopover } from "../../../report/FilterPopover";
import type { Filters } from "../../../report/filters";
import { t } from "../../../texts";
import classes from "./Builder.module.css";

interface WhereFiltersProps {
  projectId: number;
  errors: Record<string, string[]>;
  /** The field of the query that holds the filters, such as "series.0.filters". */
  field: string;
  /** What is filtered, for screen readers. */
  name: string;
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** The filters of an event as a sentence, "where country is DE": each can be edited and removed. */
export function WhereFilters({ projectId, errors, field, name, filters, onChange }: WhereFiltersProps) {
  const { conditions, matchAll, foreign } = filters;
  const messages = conditions.map((_, index) => conditionError(errors, field, index));
  return (
    <>
      {conditions.length > 0 || foreign !== null ? <span className={classes.word}>{t.explore.where}</span> : null}
      {foreign === null ? null : <OwnFilter filter={foreign} onRemove={() => { onChange({ ...filters, foreign: null }); }} />}
      {conditions.map((condition, index) => {
        const text = conditionName(condition);
        return (
          <span key={`${index} ${text}`} style={{ display: "contents" }}>
            {index > 0 ? (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                title={t.insights.matching}
                onClick={() => {
                  onChange({ ...filters, matchAll: !matchAll });
                }}
              >
                {matchAll ? t.explore.and : t.explore.or}
              </Button>
            ) : null}
            <span className={classes.chip} data-invalid={messages[index] !== undefined}>
              <FilterPopover
                projectId={projectId}
                label={t.report.editFilter(text)}
                condition={condition}
                onApply={(changed) => {
                  onChange({ ...filters, conditions: conditions.map((one, at) => (at === index ? changed : one)) });
                }}
                target={
                  <UnstyledButton className={classes.chipText} fz={13} title={text}>
                    {text}
                  </UnstyledButton>
                }
              />
              <CloseButton
                size="sm"
                variant="transparent"
                aria-label={t.report.removeFilter(text)}
                onClick={() => {
                  onChange({ ...filters, conditions: conditions.filter((_, at) => at !== index) });
                }}
              />
            </span>
          </span>
        );
      })}
      <FilterPopover
        projectId={projectId}
        label={t.explore.filterOf(name)}
        onApply={(condition) => {
          onChange({ ...filters, conditions: [...conditions, condition] });
        }}
        target={
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconFilterPlus size={14} />}>
            {t.explore.filter}
          </Button>
        }
      />
      {conditions.map((condition, index) =>
        messages[index] === undefined ? null : (
          <Input.Error key={index} className={classes.error ?? ""} role="alert">
            {t.explore.conditionError(conditionName(condition), messages[index])}
          </Input.Error>
        ),
      )}
    </>
  );
}

/** A filter of a shape that cannot be edited here: it was made with the API, and applies as it is. */
export function OwnFilter({ filter, onRemove }: { filter: unknown; onRemove: () => void }) {
  return (
    <span className={classes.chip} title={JSON.stringify(filter, null, 1)}>
      <span className={classes.chipText}>{t.explore.ownFilter}</span>
      <CloseButton size="sm" variant="transparent" aria-label={t.report.removeFilter(t.explore.ownFilter)} onClick={onRemove} />
    </span>
  );
}

/** What the server says of a condition: it names the value, say, as "filters.and.0.value". */
export function conditionError(errors: Record<string, string[]>, field: string, index: number): string | undefined {
  const found = Object.entries(errors).flatMap(([name, messages]) =>
    name.startsWith(`${field}.`) && new RegExp(`^\\.(and|or)\\.${index}(\\.|$)`).test(name.slice(field.length)) ? messages : [],
  );
  return found.length > 0 ? found.join(" ") : undefined;
}

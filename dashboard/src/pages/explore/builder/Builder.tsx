import { ActionIcon, Button, NumberInput, Select, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustments, IconChevronDown, IconChevronUp, IconPlus, IconX } from "@tabler/icons-react";
import { useId, useState } from "react";
import { usePropertyNames } from "../../../api/events/definitions";
import { useShortcut } from "../../../report/useShortcut";
import { t } from "../../../texts";
import { attributionOf, type FunnelQuery, type InsightQuery, type TrendsQuery } from "../query/insightQuery";
import { sentence } from "../query/sentence";
import classes from "./Builder.module.css";
import { KindRows } from "./KindRows";
import { PropertyField } from "./PropertyField";
import { OwnFilter } from "./WhereFilters";

interface BuilderProps {
  projectId: number;
  query: InsightQuery;
  change: (query: InsightQuery) => void;
  /** What the server says of each field of the query. */
  errors: Record<string, string[]>;
}

/** The query as sentences above its result; each change runs it at once. On phones it is folded to one line. */
export function Builder({ projectId, query, change, errors }: BuilderProps) {
  const properties = usePropertyNames(projectId);
  const [opened, { toggle, open }] = useDisclosure(false);
  const rows = useId();
  useShortcut("e", () => {
    open();
    // On a phone the rows are there only then.
    requestAnimationFrame(() => document.getElementById(rows)?.querySelector<HTMLElement>("input, button")?.focus());
  });
  const props = { change, properties, errors };
  return (
    <section className={classes.builder} aria-label={t.explore.query} data-opened={opened}>
      <UnstyledButton className={classes.fold} aria-expanded={opened} aria-controls={rows} onClick={toggle}>
        <IconAdjustments size={16} stroke={1.7} aria-hidden="true" />
        <span className={classes.foldText}>{sentence(query)}</span>
        {opened ? <IconChevronUp size={16} aria-hidden="true" /> : <IconChevronDown size={16} aria-hidden="true" />}
      </UnstyledButton>
      <div className={classes.rows} id={rows}>
        <KindRows {...props} projectId={projectId} query={query} />
        {query.kind === "trends" ? <FormulaRow {...props} query={query} /> : null}
        {query.kind === "trends" || query.kind === "funnel" ? <BreakdownRow {...props} query={query} /> : null}
        {query.filters.foreign === null ? null : (
          <div className={classes.row}>
            <span className={classes.word}>{t.explore.where}</span>
            <OwnFilter
              filter={query.filters.foreign}
              onRemove={() => {
                change({ ...query, filters: { ...query.filters, foreign: null } });
              }}
            />
          </div>
        )}
      </div>
    </section>
  );
}

interface RowProps<Query extends InsightQuery> extends Omit<BuilderProps, "projectId" | "query"> {
  query: Query;
  properties: string[];
}

/** Arithmetic over the series. Shown once there are two series, or a formula. */
function FormulaRow({ query, change, errors }: RowProps<TrendsQuery>) {
  const [isOpen, setOpen] = useState(query.formula !== "");
  if (query.series.length < 2 && query.formula === "") return null;
  const commit = (typed: string) => {
    if (typed.trim() !== query.formula) change({ ...query, formula: typed.trim() });
  };
  return (
    <div className={classes.row}>
      {isOpen || query.formula !== "" ? (
        <>
          <span className={classes.word}>{t.explore.formula}</span>
          <TextInput
            key={query.formula}
            size="xs"
            w={220}
            aria-label={t.explore.formula}
            placeholder="A / B * 100"
            maxLength={200}
            error={errors["formula"]?.join(" ")}
            defaultValue={query.formula}
            onBlur={(event) => {
              commit(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") commit(event.currentTarget.value);
            }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t.explore.removeFormula}
            onClick={() => {
              setOpen(false);
              commit("");
            }}
          >
            <IconX size={14} />
          </ActionIcon>
        </>
      ) : (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            setOpen(true);
          }}
        >
          {t.explore.addFormula}
        </Button>
      )}
    </div>
  );
}

function BreakdownRow({ query, change, properties, errors }: RowProps<TrendsQuery | FunnelQuery>) {
  return (
    <div className={classes.row}>
      <span className={classes.word}>{t.insights.breakDownBy}</span>
      <PropertyField
        className={classes.property}
        label={t.insights.breakDownBy}
        isLabelHidden
        placeholder={t.insights.noBreakdown}
        properties={properties}
        error={errors["breakdown"]?.join(" ")}
        value={query.breakdown}
        onChange={(breakdown) => {
          change({ ...query, breakdown });
        }}
      />
      {query.breakdown ? (
        <>
          <span className={classes.word}>{t.explore.topValues}</span>
          <NumberInput
            key={query.breakdownLimit ?? ""}
            size="xs"
            w={64}
            aria-label={t.explore.valueCount}
            placeholder="10"
            min={1}
            max={100}
            allowDecimal={false}
            defaultValue={query.breakdownLimit ?? ""}
            onBlur={(event) => {
              const limit = Number(event.currentTarget.value) || null;
              if (limit !== query.breakdownLimit) change({ ...query, breakdownLimit: limit === null ? null : Math.min(100, limit) });
            }}
          />
        </>
      ) : null}
      {query.kind === "funnel" && query.breakdown ? (
        <>
          <span className={classes.word}>{t.insights.attribution}</span>
          <Select
            size="xs"
            w={180}
            aria-label={t.insights.attribution}
            allowDeselect={false}
            data={attributionOptions(query)}
            value={String(attributionOf(query))}
            onChange={(chosen) => {
              if (chosen === null) return;
              const attribution = chosen === "first_touch" || chosen === "last_touch" ? chosen : Number(chosen);
              change({ ...query, attribution });
            }}
          />
        </>
      ) : null}
    </div>
  );
}

function attributionOptions({ steps }: FunnelQuery) {
  const { first, last, step } = t.insights.attributions;
  return [
    { value: "first_touch", label: first },
    { value: "last_touch", label: last },
    ...steps.map((_, index) => ({ value: String(index), label: step(index + 1) })),
  ];
}

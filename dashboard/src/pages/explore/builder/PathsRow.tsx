import { CloseButton, NumberInput, Select, TextInput } from "@mantine/core";
import { t } from "../../../texts";
import type { PathsQuery } from "../query/insightQuery";
import classes from "./Builder.module.css";
import { EventSelect } from "./EventSelect";
import { optionsOf } from "./options";
import type { KindRowsProps } from "./rowProps";

const MAX_STEPS = 20;

/** The row of paths: made of what, from or to where, how many steps. */
export function PathsRow({ projectId, query, change, errors }: KindRowsProps<PathsQuery>) {
  const direction = query.end === null ? "start" : "end";
  const setEnd = (value: string | null, at: "start" | "end") => {
    change({ ...query, start: at === "start" ? value : null, end: at === "end" ? (value ?? "") : null });
  };
  return (
    <div className={classes.row} role="group" aria-label={t.insights.pathsBy}>
      <span className={classes.word}>{t.explore.pathsOf}</span>
      <Select
        size="xs"
        w={110}
        aria-label={t.insights.pathsBy}
        allowDeselect={false}
        data={optionsOf(t.insights.pathsByOptions)}
        value={query.by}
        onChange={(by) => {
          if (by) change({ ...query, by, start: null, end: null, hidden: [] });
        }}
      />
      <Select
        size="xs"
        w={130}
        aria-label={t.explore.direction}
        allowDeselect={false}
        data={optionsOf(t.explore.directions)}
        value={direction}
        onChange={(chosen) => {
          if (chosen) setEnd(query.start ?? (query.end || null), chosen);
        }}
      />
      {query.by === "event" ? (
        <EventSelect
          label={direction === "start" ? t.insights.startAt : t.explore.endAt}
          projectId={projectId}
          value={direction === "start" ? query.start : query.end}
          anyLabel={direction === "start" ? t.insights.visitStart : t.explore.chooseEvent}
          error={errors[direction]?.join(" ")}
          onChange={(event) => {
            setEnd(event, direction);
          }}
        />
      ) : (
        <PageField
          key={`${direction} ${query[direction] ?? ""}`}
          label={direction === "start" ? t.insights.startAt : t.explore.endAt}
          placeholder={direction === "start" ? t.insights.visitStart : t.explore.pagePath}
          error={errors[direction]?.join(" ")}
          value={query[direction] ?? ""}
          onChange={(page) => {
            setEnd(page || null, direction);
          }}
        />
      )}
      <span className={classes.word}>{t.explore.upTo}</span>
      <NumberInput
        key={query.steps ?? ""}
        size="xs"
        w={64}
        aria-label={t.explore.stepCount}
        placeholder="5"
        min={2}
        max={MAX_STEPS}
        allowDecimal={false}
        clampBehavior="blur"
        defaultValue={query.steps ?? ""}
        onBlur={(event) => {
          const steps = Number(event.currentTarget.value) || null;
          if (steps !== query.steps) change({ ...query, steps: steps === null ? null : Math.min(MAX_STEPS, Math.max(2, steps)) });
        }}
      />
      <span className={classes.word}>{t.explore.steps}</span>
      {query.by === "event" ? (
        <EventSelect
          key={query.hidden.length}
          label={t.explore.leaveOut}
          placeholder={t.explore.leaveOut}
          hasAny={false}
          projectId={projectId}
          without={[...query.hidden, query.start, query.end]}
          value=""
          onChange={(event) => {
            if (event) change({ ...query, hidden: [...query.hidden, event] });
          }}
        />
      ) : null}
      {query.hidden.length > 0 ? <span className={classes.word}>{t.explore.without}</span> : null}
      {query.hidden.map((name) => (
        <span key={name} className={classes.chip}>
          <span className={classes.chipText} title={name}>
            {name}
          </span>
          <CloseButton
            size="sm"
            variant="transparent"
            aria-label={t.explore.showAgain(name)}
            onClick={() => {
              change({ ...query, hidden: query.hidden.filter((one) => one !== name) });
            }}
          />
        </span>
      ))}
    </div>
  );
}

interface PageFieldProps {
  label: string;
  placeholder: string;
  error: string | undefined;
  value: string;
  onChange: (page: string) => void;
}

/** The path of a page, such as /pricing. */
function PageField({ label, placeholder, error, value, onChange }: PageFieldProps) {
  const commit = (typed: string) => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <TextInput
      size="xs"
      className={classes.event ?? ""}
      aria-label={label}
      placeholder={placeholder}
      maxLength={200}
      error={error}
      defaultValue={value}
      onBlur={(event) => {
        commit(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget.value);
      }}
    />
  );
}

import { MultiSelect, PasswordInput, Select, TextInput } from "@mantine/core";
import { fieldError } from "../../api/requests/errors";
import { useSegments } from "../../api/insights/segments";
import { ListField } from "../../components/forms/ListField";
import { PERIODS } from "../../report/reportState";
import { t } from "../../texts";
import type { LinkOptions } from "./linkOptions";

interface ShareFieldsProps {
  projectId: number;
  options: LinkOptions;
  error: Error | null;
  set: (changes: Partial<LinkOptions>) => void;
}

/** What a public link asks for, and what it allows. */
export function ShareFields({ projectId, options, error, set }: ShareFieldsProps) {
  const periods = PERIODS.map((value) => ({ value, label: t.dashboards.onlyPeriod(t.insights.periods[value]) }));
  const segments = useSegments(projectId, true).data ?? [];
  return (
    <>
      <Select
        label={t.dashboards.expires}
        value={options.expiry}
        allowDeselect={false}
        data={Object.entries(t.dashboards.expiry).map(([value, label]) => ({ value, label }))}
        onChange={(value) => {
          set({ expiry: (value ?? "never") as LinkOptions["expiry"] });
        }}
      />
      <PasswordInput
        label={t.dashboards.linkPassword}
        description={t.dashboards.linkPasswordNote}
        autoComplete="new-password"
        value={options.password}
        error={fieldError(error, "password")}
        aria-invalid={fieldError(error, "password") !== undefined}
        onChange={(event) => {
          set({ password: event.currentTarget.value });
        }}
      />
      <Select
        label={t.dashboards.datesOfLink}
        value={options.period}
        allowDeselect={false}
        data={[{ value: "", label: t.dashboards.anyDates }, ...periods]}
        onChange={(value) => {
          set({ period: value ?? "" });
        }}
      />
      {options.period === "" ? (
        <TextInput
          type="date"
          label={t.dashboards.earliest}
          value={options.earliest}
          error={fieldError(error, "earliest")}
          onChange={(event) => {
            set({ earliest: event.currentTarget.value });
          }}
        />
      ) : null}
      {segments.length > 0 ? (
        <MultiSelect
          label={t.dashboards.segmentsOfLink}
          description={t.dashboards.segmentsOfLinkNote}
          data={segments.map(({ id, name }) => ({ value: String(id), label: name }))}
          maxValues={20}
          searchable
          value={options.segments}
          error={fieldError(error, "segments")}
          onChange={(chosen) => {
            set({ segments: chosen });
          }}
        />
      ) : null}
      <ListField
        label={t.dashboards.origins}
        placeholder="https://example.org"
        entry={t.dashboards.origin}
        value={options.origins}
        error={fieldError(error, "origins")}
        splitChars={[",", " "]}
        onChange={(origins) => {
          set({ origins });
        }}
      />
    </>
  );
}

import { PasswordInput, Select, TextInput } from "@mantine/core";
import { fieldError } from "../../api/errors";
import { ListField } from "../../components/ListField";
import { PERIODS } from "../../report/reportState";
import { t } from "../../texts";
import type { LinkOptions } from "./linkOptions";

interface ShareFieldsProps {
  options: LinkOptions;
  error: Error | null;
  set: (changes: Partial<LinkOptions>) => void;
}

/** What a public link asks for, and what it allows. */
export function ShareFields({ options, error, set }: ShareFieldsProps) {
  const periods = PERIODS.map((value) => ({ value, label: t.dashboards.onlyPeriod(t.insights.periods[value]) }));
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

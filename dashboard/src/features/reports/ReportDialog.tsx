import { Group, NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useDashboards } from "../../api/insights/dashboards";
import type { Project } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useSaveMailReport, type MailReport, type MailReportFields } from "../../api/alerts/reports";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { FormDialog } from "../../components/forms/FormDialog";
import { ListField } from "../../components/forms/ListField";
import { t } from "../../texts";
import { LANGUAGE, LANGUAGES } from "../../texts/language";

type Frequency = keyof typeof t.reports.frequencies;

/** What a report is of. */
export interface ReportSubject {
  kind: "dashboard" | "insight";
  id: number;
  name: string;
}

interface ReportDialogProps {
  project: Project;
  /** null: a new one. */
  report: MailReport | null;
  /** What the new one is of; null: it is chosen here. */
  subject: ReportSubject | null;
  onClose: () => void;
}

const WEEKDAYS = t.reports.weekdays.map((label, at) => ({ value: String(at + 1), label }));
const LANGUAGE_NAMES = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));

/** The form of a report: what is sent, when, and to whom. */
export function ReportDialog({ project, report, subject, onClose }: ReportDialogProps) {
  const save = useSaveMailReport(project.id, report?.id ?? null);
  const [draft, setDraft] = useState<MailReportFields>(() => initial(report, subject));
  const change = (changes: Partial<MailReportFields>) => {
    setDraft({ ...draft, ...changes });
  };
  const { frequency } = draft;
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={report ? t.reports.edit : t.reports.new}
      mutation={save}
      fields={["name", "time", "month_day", "dashboard_id"]}
      submitLabel={report ? t.common.save : t.reports.create}
      isReady={draft.name.trim() !== "" && draft.time !== "" && draft.recipients.length > 0 && (draft.dashboard_id ?? draft.insight_id) !== null}
      onSubmit={() => {
        save.mutate({ ...draft, name: draft.name.trim() }, { onSuccess: onClose });
      }}
    >
      {subject ? null : <SubjectField projectId={project.id} draft={draft} error={fieldError(save.error, "dashboard_id")} change={change} />}
      <TextInput
        label={t.reports.name}
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={draft.name}
        error={fieldError(save.error, "name")}
        onChange={(event) => {
          change({ name: event.currentTarget.value });
        }}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500} id="report-frequency">
          {t.reports.frequency}
        </Text>
        <SegmentedControl
          aria-labelledby="report-frequency"
          data={(Object.keys(t.reports.frequencies) as Frequency[]).map((value) => ({ value, label: t.reports.frequencies[value] }))}
          value={frequency}
          onChange={(value) => {
            change({ frequency: value });
          }}
        />
        <Text size="xs" c="dimmed">
          {t.reports.covers[frequency]}
        </Text>
      </Stack>
      <Group grow align="flex-start">
        {frequency === "weekly" ? (
          <Select
            label={t.reports.weekday}
            data={WEEKDAYS}
            allowDeselect={false}
            value={String(draft.weekday)}
            onChange={(value) => {
              change({ weekday: Number(value) });
            }}
          />
        ) : null}
        {frequency === "monthly" ? (
          <NumberInput
            label={t.reports.monthDay}
            description={t.reports.monthDayHint}
            min={1}
            max={31}
            allowDecimal={false}
            clampBehavior="strict"
            value={draft.month_day}
            error={fieldError(save.error, "month_day")}
            onChange={(value) => {
              change({ month_day: Number(value) || 1 });
            }}
          />
        ) : null}
        <TextInput
          type="time"
          label={t.reports.time}
          description={t.reports.timeHint(project.timezone)}
          required
          withAsterisk={false}
          value={draft.time}
          error={fieldError(save.error, "time")}
          onChange={(event) => {
            change({ time: event.currentTarget.value.slice(0, 5) });
          }}
        />
      </Group>
      <Select
        label={t.reports.language}
        data={LANGUAGE_NAMES}
        allowDeselect={false}
        value={draft.language}
        onChange={(language) => {
          if (language !== null) change({ language: language as MailReportFields["language"] });
        }}
      />
      <Stack gap={4}>
        <ListField
          label={t.reports.recipients}
          placeholder={t.reports.recipientsPlaceholder}
          entry={t.reports.recipient}
          splitChars={[",", ";", " "]}
          value={draft.recipients}
          onChange={(recipients) => {
            change({ recipients });
          }}
        />
        <Text size="xs" c="dimmed">
          {t.reports.recipientsHint}
        </Text>
      </Stack>
    </FormDialog>
  );
}

function initial(report: MailReport | null, subject: ReportSubject | null): MailReportFields {
  return {
    name: report?.name ?? subject?.name ?? "",
    dashboard_id: report ? report.dashboard_id : subject?.kind === "dashboard" ? subject.id : null,
    insight_id: report ? report.insight_id : subject?.kind === "insight" ? subject.id : null,
    frequency: report?.frequency ?? "weekly",
    weekday: report?.weekday ?? 1,
    month_day: report?.month_day ?? 1,
    time: report?.time ?? "08:00",
    language: report?.language ?? LANGUAGE,
    recipients: report?.recipients.map(({ email }) => email) ?? [],
  };
}

interface SubjectFieldProps {
  projectId: number;
  draft: MailReportFields;
  error: string | undefined;
  change: (changes: Partial<MailReportFields>) => void;
}

function SubjectField({ projectId, draft, error, change }: SubjectFieldProps) {
  const dashboards = useDashboards(projectId).data ?? [];
  const insights = useSavedInsights(projectId).data ?? [];
  const names = new Map<string, string>([
    ...dashboards.map(({ id, name }): [string, string] => [`dashboard ${id}`, name]),
    ...insights.map(({ id, name }): [string, string] => [`insight ${id}`, name]),
  ]);
  const items = (kind: string) => [...names].filter(([value]) => value.startsWith(kind)).map(([value, label]) => ({ value, label }));
  const chosen = draft.dashboard_id === null ? (draft.insight_id === null ? null : `insight ${draft.insight_id}`) : `dashboard ${draft.dashboard_id}`;
  return (
    <Select
      label={t.reports.subject}
      required
      withAsterisk={false}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t.reports.nothingToSend}
      data={[
        { group: t.reports.dashboards, items: items("dashboard ") },
        { group: t.reports.insights, items: items("insight ") },
      ]}
      value={chosen}
      error={error}
      onChange={(value) => {
        const [kind, id] = (value ?? "").split(" ");
        const number = Number(id);
        change({
          dashboard_id: kind === "dashboard" ? number : null,
          insight_id: kind === "insight" ? number : null,
          ...(draft.name === "" && value !== null ? { name: names.get(value) ?? "" } : {}),
        });
      }}
    />
  );
}

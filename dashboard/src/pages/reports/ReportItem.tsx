import { ActionIcon, Badge, Button, Group, Menu, Text } from "@mantine/core";
import { IconDots, IconEye, IconPencil, IconPlayerPause, IconPlayerPlay, IconSend, IconTrash } from "@tabler/icons-react";
import type { Project } from "../../api/requests/client";
import { useDeleteMailReport, usePauseMailReport, useSendMailReport, type MailReport } from "../../api/alerts/reports";
import { ResourceListItem } from "../../components/tables/ResourceList";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";

interface ReportItemProps {
  project: Project;
  report: MailReport;
  /** The name of what it shows; undefined: it is on its way. */
  subject: string | undefined;
  canEdit: boolean;
  onEdit: () => void;
  onPreview: () => void;
}

/** A report: when it is sent, to how many, how the last one went, and what can be done with it. */
export function ReportItem({ project, report, subject, canEdit, onEdit, onPreview }: ReportItemProps) {
  const send = useSendMailReport(project.id, report.id);
  const pause = usePauseMailReport(project.id, report.id);
  const left = report.recipients.filter(({ is_unsubscribed: isUnsubscribed }) => isUnsubscribed).length;
  const facts = [
    subject,
    planOf(report),
    t.reports.to(report.recipients.length) + (left > 0 ? ` (${t.reports.left(left)})` : ""),
    report.is_paused ? null : t.reports.next(exactTime(report.next_at, project.timezone)),
    report.last_sent_at === null ? t.reports.neverSent : t.reports.last(exactTime(report.last_sent_at, project.timezone)),
  ];
  return (
    <ResourceListItem
      name={report.name}
      badges={
        <>
          {report.is_paused ? <Badge variant="light" color="gray" tt="none">{t.reports.paused}</Badge> : null}
          {report.last_error === null ? null : <Badge variant="light" color="coral" tt="none">{t.reports.failed}</Badge>}
        </>
      }
      note={facts.filter((fact) => fact != null).join(" · ")}
      actions={
        <Group gap={6} wrap="nowrap">
          <Button variant="default" size="xs" leftSection={<IconEye size={14} />} onClick={onPreview}>
            {t.reports.preview}
          </Button>
          <ReportMenu report={report} projectId={project.id} canEdit={canEdit} onEdit={onEdit} onSend={() => { send.mutate(); }} onPause={pause.mutate} />
        </Group>
      }
    >
      {report.last_error === null ? null : (
        <Text size="sm" c="var(--tm-down)" style={{ overflowWrap: "anywhere" }}>
          {report.last_error}
        </Text>
      )}
      {send.data ? <Text size="sm" role="status">{t.reports.sent(send.data.email)}</Text> : null}
      {send.error ? <ErrorAlert title={t.reports.notSent} error={send.error} /> : null}
      {pause.error ? <ErrorAlert title={t.reports.notChanged} error={pause.error} /> : null}
    </ResourceListItem>
  );
}

function planOf({ frequency, time, weekday, month_day: day }: MailReport): string {
  if (frequency === "weekly") return t.reports.plan.weekly(time, t.reports.weekdays[weekday - 1] ?? "");
  return frequency === "monthly" ? t.reports.plan.monthly(time, String(day)) : t.reports.plan.daily(time);
}

interface ReportMenuProps {
  report: MailReport;
  projectId: number;
  canEdit: boolean;
  onEdit: () => void;
  onSend: () => void;
  onPause: (isPaused: boolean) => void;
}

function ReportMenu({ report, projectId, canEdit, onEdit, onSend, onPause }: ReportMenuProps) {
  const remove = useDeleteMailReport(projectId);
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t.reports.actionsOf(report.name)}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSend size={15} />} onClick={onSend}>
          {t.reports.sendNow}
        </Menu.Item>
        {canEdit ? (
          <>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
              {t.reports.edit}
            </Menu.Item>
            <Menu.Item
              leftSection={report.is_paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
              onClick={() => { onPause(!report.is_paused); }}
            >
              {report.is_paused ? t.reports.resume : t.reports.pause}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconTrash size={15} />} c="var(--tm-down)" onClick={() => { remove(report); }}>
              {t.common.delete}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

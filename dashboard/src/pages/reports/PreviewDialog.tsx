import { Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useMailPreview, type MailReport } from "../../api/alerts/reports";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import classes from "./ReportsPage.module.css";

interface PreviewDialogProps {
  projectId: number;
  report: MailReport;
  onClose: () => void;
}

/** The mail of a report as it would be sent now. */
export function PreviewDialog({ projectId, report, onClose }: PreviewDialogProps) {
  const { data, error, refetch } = useMailPreview(projectId, report.id);
  const failed = error ?? (data?.status === "failed" ? new Error(data.error ?? "") : null);
  return (
    <Modal opened onClose={onClose} size={760} title={t.reports.previewOf(report.name)}>
      {failed ? <ErrorAlert title={t.reports.notPreviewed} error={failed} retry={() => void refetch()} /> : null}
      {!failed && data?.status !== "ready" ? (
        <Group role="status" gap="sm" py="xl" justify="center">
          <Loader size="sm" />
          <Text size="sm">{t.reports.rendering}</Text>
        </Group>
      ) : null}
      {data?.status === "ready" ? (
        <Stack gap="xs">
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {data.subject}
          </Text>
          {/* Without scripts and without an origin: the mail has names that anybody may have sent. */}
          <iframe className={classes.mail} title={t.reports.previewOf(report.name)} sandbox="" srcDoc={data.html ?? ""} />
        </Stack>
      ) : null}
    </Modal>
  );
}

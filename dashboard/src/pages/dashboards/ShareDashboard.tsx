import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useRef, useState } from "react";
import type { Project } from "../../api/requests/client";
import { useRevokeLink, useShareDashboard, type Dashboard } from "../../api/insights/dashboards";
import { CopyField } from "../../components/text/CopyField";
import { FormErrorAlert, useFocusOnError } from "../../notices/FormErrorAlert";
import { exactTime } from "../../format/time";
import { t } from "../../texts";
import { NO_OPTIONS, toRequest, type LinkOptions } from "./linkOptions";
import { ShareFields } from "./ShareFields";

/** The fields that show their errors themselves. */
const FIELDS = ["password", "earliest", "segments", "origins"];

/** The public link of a dashboard: create, replace and revoke it. */
export function ShareDashboard({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const [opened, { open, close }] = useDisclosure();
  const share = useShareDashboard(project.id, dashboard.id);
  const revoke = useRevokeLink(project.id, dashboard.id);
  const [options, setOptions] = useState(NO_OPTIONS);
  const form = useRef<HTMLDivElement>(null);
  useFocusOnError(form, share.error);
  const set = (changes: Partial<LinkOptions>) => {
    setOptions({ ...options, ...changes });
  };
  const leave = () => {
    close();
    share.reset();
    revoke.reset();
    setOptions(NO_OPTIONS);
  };
  const until = dashboard.share_expires_at;
  return (
    <>
      <Button variant="default" size="sm" onClick={open}>
        {t.dashboards.share}
      </Button>
      <Modal opened={opened} onClose={leave} title={t.dashboards.shareTitle}>
        <Stack ref={form}>
          <Text size="sm">{t.dashboards.shareNote}</Text>
          <FormErrorAlert error={share.error ?? revoke.error} fields={FIELDS} title={share.error ? t.dashboards.notShared : t.dashboards.notRevoked} />
          {share.data ? (
            <>
              <CopyField label={t.dashboards.link} value={`${window.location.origin}/shared/${share.data.token}`} />
              {options.origins.length > 0 ? (
                <CopyField label={t.dashboards.embedCode} value={t.dashboards.embedHtml(`${window.location.origin}/embed/${share.data.token}`)} />
              ) : null}
              <Text size="sm" c="dimmed">
                {t.dashboards.linkOnce}
              </Text>
              <Group justify="flex-end">
                <Button onClick={leave}>{t.dashboards.done}</Button>
              </Group>
            </>
          ) : (
            <>
              {dashboard.is_shared ? (
                <Text size="sm">
                  {until === null ? t.dashboards.isShared : t.dashboards.isSharedUntil(exactTime(until, project.timezone))}
                </Text>
              ) : null}
              <ShareFields projectId={project.id} options={options} error={share.error} set={set} />
              <Group justify="flex-end">
                {dashboard.is_shared ? (
                  <Button
                    variant="default"
                    loading={revoke.isPending}
                    onClick={() => {
                      revoke.mutate(undefined, { onSuccess: leave });
                    }}
                  >
                    {t.dashboards.revoke}
                  </Button>
                ) : null}
                <Button
                  loading={share.isPending}
                  onClick={() => {
                    share.mutate(toRequest(options));
                  }}
                >
                  {dashboard.is_shared ? t.dashboards.replaceLink : t.dashboards.createLink}
                </Button>
              </Group>
            </>
          )}
        </Stack>
      </Modal>
    </>
  );
}

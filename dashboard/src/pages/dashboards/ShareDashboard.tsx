import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { Project } from "../../api/client";
import { useRevokeLink, useShareDashboard, type Dashboard } from "../../api/dashboards";
import { CopyField } from "../../components/CopyField";
import { ErrorAlert } from "../../components/ErrorAlert";
import { exactTime } from "../../format/time";
import { t } from "../../texts";

type Expiry = keyof typeof t.dashboards.expiry;
const DAY_MS = 86_400_000;

/** The public link of a dashboard: create, replace and revoke it. */
export function ShareDashboard({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  const [opened, { open, close }] = useDisclosure();
  const share = useShareDashboard(project.id, dashboard.id);
  const revoke = useRevokeLink(project.id, dashboard.id);
  const [expiry, setExpiry] = useState<Expiry>("never");
  const leave = () => {
    close();
    share.reset();
    revoke.reset();
  };
  const until = dashboard.share_expires_at;
  return (
    <>
      <Button variant="default" size="sm" onClick={open}>
        {t.dashboards.share}
      </Button>
      <Modal opened={opened} onClose={leave} title={t.dashboards.shareTitle}>
        <Stack>
          <Text size="sm">{t.dashboards.shareNote}</Text>
          {share.error ?? revoke.error ? <ErrorAlert error={share.error ?? revoke.error ?? new Error()} /> : null}
          {share.data ? (
            <>
              <CopyField label={t.dashboards.link} value={`${window.location.origin}/shared/${share.data.token}`} />
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
              <Select
                label={t.dashboards.expires}
                value={expiry}
                allowDeselect={false}
                data={Object.entries(t.dashboards.expiry).map(([value, label]) => ({ value, label }))}
                onChange={(value) => {
                  setExpiry((value ?? "never") as Expiry);
                }}
              />
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
                    share.mutate(expiry === "never" ? null : new Date(Date.now() + Number(expiry) * DAY_MS).toISOString());
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

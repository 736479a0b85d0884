import { Button, Group, SegmentedControl, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { useFlags, useStaleFlags, type Flag } from "../../api/flags/flags";
import { missingPermission } from "../../api/projects/roles";
import { EmptyState } from "../../components/states/EmptyState";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { PageTitle } from "../../components/page/PageTitle";
import { PermissionNote } from "../../components/states/PermissionNote";
import { SearchField, useSearch } from "../../components/forms/SearchField";
import { useAddressState } from "../../components/page/useAddressState";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { FlagDialog } from "./FlagDialog";
import classes from "./FlagsPage.module.css";
import { FlagTable } from "./FlagTable";
import { staleReason } from "./flagUse";
import { NoFlags } from "./NoFlags";

const FILTERS = ["all", "on", "off", "stale"] as const;
type ListFilter = (typeof FILTERS)[number];

/** All flags of a project. */
export function FlagList({ project }: { project: Project }) {
  const flags = useFlags(project.id);
  const [edited, setEdited] = useState<Flag | "new" | null>(null);
  const readOnlyReason = missingPermission(project.role, "member");
  const canEdit = readOnlyReason === null;
  const create = (
    <Button variant="filled" size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setEdited("new"); }}>
      {t.flags.new}
    </Button>
  );
  return (
    <>
      <PageTitle title={t.flags.title} tab={t.flags.tab(project.name)} note={t.flags.note} actions={canEdit ? create : null} />
      <Stack gap="var(--tm-gap)">
        {canEdit ? null : <PermissionNote reason={readOnlyReason} />}
        {flags.error ? <ErrorAlert title={t.flags.notLoaded} error={flags.error} retry={() => void flags.refetch()} /> : null}
        {!flags.data && !flags.error ? <LoadingSkeleton height={220} radius="lg" aria-busy="true" /> : null}
        {flags.data?.length === 0 ? (
          <div className={classes.panel}>
            <NoFlags project={project} />
          </div>
        ) : null}
        {flags.data && flags.data.length > 0 ? <Found project={project} flags={flags.data} canEdit={canEdit} onEdit={setEdited} /> : null}
      </Stack>
      {edited !== null && flags.data ? (
        <FlagDialog project={project} flags={flags.data} flag={edited === "new" ? undefined : edited} onClose={() => { setEdited(null); }} />
      ) : null}
    </>
  );
}

interface FoundProps {
  project: Project;
  flags: readonly Flag[];
  canEdit: boolean;
  onEdit: (flag: Flag) => void;
}

/** The flags that the search and the filter leave. */
function Found({ project, flags, canEdit, onEdit }: FoundProps) {
  const [search] = useSearch();
  const [text, setFilter] = useAddressState("state");
  const filter = FILTERS.find((one) => one === text) ?? "all";
  const stale = useStaleFlags(project.id);
  const reasons = new Map(flags.map(({ id, key }) => [id, staleReason(key, stale.data)]));
  const isStale = ({ id }: Flag) => (reasons.get(id) ?? null) !== null;
  const found = flags.filter((flag) => isFound(flag, search.toLowerCase()) && (filter === "stale" ? isStale(flag) : passes(flag, filter)));
  return (
    <>
      <Group gap="xs">
        <SearchField label={t.flags.search} placeholder={t.flags.search} size="xs" />
        <SegmentedControl
          size="xs"
          aria-label={t.flags.filter}
          data={FILTERS.map((value) => ({ value, label: t.flags.filters[value] }))}
          value={filter}
          onChange={(value) => {
            setFilter(value === "all" ? "" : value);
          }}
        />
      </Group>
      {stale.error ? <ErrorAlert title={t.flags.usage.failed} error={stale.error} retry={() => void stale.refetch()} /> : null}
      <div className={classes.panel}>
        {filter === "stale" && stale.isPending ? (
          <LoadingSkeleton height={120} radius="md" aria-busy="true" />
        ) : found.length === 0 ? (
          <EmptyState title={t.flags.nothingFound} note={filter === "stale" && stale.data?.is_complete === false ? t.flags.staleUnknown : t.flags.nothingFoundHint} />
        ) : (
          <FlagTable project={project} flags={found} all={flags} stale={reasons} canEdit={canEdit} onEdit={onEdit} />
        )}
      </div>
    </>
  );
}

function isFound({ key, name, description }: Flag, search: string): boolean {
  return [key, name, description].some((text) => text.toLowerCase().includes(search));
}

function passes(flag: Flag, filter: Exclude<ListFilter, "stale">): boolean {
  return filter === "all" || flag.is_active === (filter === "on");
}

import { Anchor, Button, Group, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useDeleteExperiment, useExperiments, type Experiment } from "../../api/flags/experiments";
import { missingPermission } from "../../api/projects/roles";
import { EmptyState } from "../../components/states/EmptyState";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { PageTitle } from "../../components/page/PageTitle";
import { PermissionNote } from "../../components/states/PermissionNote";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { ExperimentDialog } from "./ExperimentDialog";
import classes from "./ExperimentsPage.module.css";
import { ExperimentTable } from "./ExperimentTable";
import { ExperimentView } from "./ExperimentView";

/** The experiments of a project, or the one in the address. */
export function ExperimentsPage() {
  const { experimentId } = useParams();
  return <ProjectPage>{(project) => <Experiments key={project.id} project={project} chosen={experimentId} />}</ProjectPage>;
}

function Experiments({ project, chosen }: { project: Project; chosen: string | undefined }) {
  const experiments = useExperiments(project.id);
  const [edited, setEdited] = useState<Experiment | "new" | null>(null);
  const remove = useDeleteExperiment(project.id);
  const readOnlyReason = missingPermission(project.role, "member");
  const shown = chosen === undefined ? undefined : experiments.data?.find(({ id }) => String(id) === chosen);
  const open = () => {
    setEdited(shown ?? "new");
  };
  return (
    <>
      <PageTitle
        title={shown?.name ?? t.experiments.title}
        tab={t.experiments.tab(project.name)}
        note={shown ? t.experiments.onFlag(shown.flag_key) : t.experiments.note}
        actions={
          <Group gap="xs">
            {chosen === undefined ? null : (
              <Anchor component={Link} to={projectAddress(project.id, "/experiments")} size="sm">
                {t.experiments.all}
              </Anchor>
            )}
            {readOnlyReason === null && chosen === undefined ? (
              <Button variant="filled" size="xs" leftSection={<IconPlus size={15} />} onClick={open}>
                {t.experiments.new}
              </Button>
            ) : null}
            {readOnlyReason === null && shown ? (
              <Button variant="default" size="xs" onClick={open}>
                {t.experiments.edit}
              </Button>
            ) : null}
          </Group>
        }
      />
      <Stack gap="var(--tm-gap)">
        {readOnlyReason === null ? null : <PermissionNote reason={readOnlyReason} />}
        {experiments.error ? <ErrorAlert title={t.experiments.notLoaded} error={experiments.error} retry={() => void experiments.refetch()} /> : null}
        {!experiments.data && !experiments.error ? <LoadingSkeleton height={220} radius="lg" aria-busy="true" /> : null}
        {shown ? <ExperimentView key={shown.id} project={project} experiment={shown} canEdit={readOnlyReason === null} /> : null}
        {experiments.data && chosen !== undefined && !shown ? (
          <div className={classes.panel}>
            <EmptyState title={t.experiments.notFound} />
          </div>
        ) : null}
        {chosen === undefined && experiments.data?.length === 0 ? (
          <div className={classes.panel}>
            <EmptyState title={t.experiments.none} note={t.experiments.noneHint} />
          </div>
        ) : null}
        {chosen === undefined && experiments.data && experiments.data.length > 0 ? (
          <div className={classes.panel}>
            <ExperimentTable project={project} experiments={experiments.data} canEdit={readOnlyReason === null} onEdit={setEdited} onDelete={remove} />
          </div>
        ) : null}
      </Stack>
      {edited === null ? null : (
        <ExperimentDialog
          project={project}
          experiment={edited === "new" ? null : edited}
          onClose={() => {
            setEdited(null);
          }}
        />
      )}
    </>
  );
}

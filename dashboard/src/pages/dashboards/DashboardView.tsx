import { Anchor, Button, Group } from "@mantine/core";
import { useFullscreenElement, useMergedRef } from "@mantine/hooks";
import { IconArrowsMaximize, IconLayoutGrid } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { useChangeDashboard, useDashboard, useRemoveTile, type Dashboard, type Tile } from "../../api/insights/dashboards";
import { ApiError } from "../../api/requests/errors";
import { isAtLeast } from "../../api/projects/roles";
import { EmptyState } from "../../components/states/EmptyState";
import { SavePicture } from "../../components/download/SavePicture";
import { PageTitle } from "../../components/page/PageTitle";
import { ReportContent } from "../../components/figures/ReportContent";
import { useUnsavedChanges } from "../../components/forms/unsavedChanges";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { ReportBar } from "../../report/ReportBar";
import { useShortcut } from "../../report/useShortcut";
import { t } from "../../texts";
import { AddMenu } from "./AddMenu";
import { DashboardMenu } from "./DashboardMenu";
import { DashboardTiles } from "./DashboardTiles";
import classes from "./Dashboard.module.css";
import { useNoteView } from "./ownDashboards";
import { PictureHead } from "./PictureHead";
import { ShareDashboard } from "./ShareDashboard";

/** A dashboard: its tiles, for the dates and filters of the bar above them. */
export function DashboardView({ project, id }: { project: Project; id: string }) {
  const dashboard = useDashboard(project.id, id);
  if (dashboard.error instanceof ApiError && dashboard.error.status === 404) {
    return (
      <>
        <PageTitle title={t.dashboards.gone} />
        <Anchor component={Link} to={projectAddress(project.id, "/dashboards")} size="sm">
          {t.dashboards.all}
        </Anchor>
      </>
    );
  }
  return (
    <ReportContent result={dashboard} zone={project.timezone}>
      {(shown) => <LoadedDashboard project={project} dashboard={shown} />}
    </ReportContent>
  );
}

function LoadedDashboard({ project, dashboard }: { project: Project; dashboard: Dashboard }) {
  useNoteView(project.id, dashboard.id);
  const change = useChangeDashboard(project.id);
  const removeTile = useRemoveTile(project.id, dashboard);
  const editButton = useRef<HTMLButtonElement>(null);
  const layout = useLayoutDraft(dashboard, change, () => {
    // The button that ended it is gone.
    requestAnimationFrame(() => editButton.current?.focus());
  });
  const { ref, toggle } = useFullscreenElement();
  const board = useRef<HTMLDivElement>(null);
  const boardRef = useMergedRef(ref, board);
  const mayEdit = isAtLeast(project.role, "member");
  const saved = dashboard.tiles.items;
  const tiles = layout.draft ?? saved;
  const setTiles = (items: Tile[], onDone?: () => void) => {
    change.mutate({ key: dashboard.id, changes: { tiles: { items } } }, onDone ? { onSuccess: onDone } : {});
  };
  useShortcut("e", mayEdit && layout.draft === null && saved.length > 0 ? layout.begin : null);
  useShortcut("s", layout.isChanged ? layout.save : null);
  const error = change.error ?? removeTile.error;
  return (
    <>
      <PageTitle
        title={dashboard.name}
        note={dashboard.description}
        actions={
          layout.draft === null ? (
            <Group gap="xs">
              {mayEdit ? <AddMenu project={project} tiles={saved} setTiles={setTiles} mutation={change} /> : null}
              {mayEdit && saved.length > 0 ? (
                <Button ref={editButton} variant="default" size="sm" leftSection={<IconLayoutGrid size={16} />} aria-keyshortcuts="E" onClick={layout.begin}>
                  {t.dashboards.editLayout}
                </Button>
              ) : null}
              {mayEdit ? <ShareDashboard project={project} dashboard={dashboard} /> : null}
              <Button variant="default" size="sm" leftSection={<IconArrowsMaximize size={16} />} onClick={() => void toggle()}>
                {t.dashboards.present}
              </Button>
              {saved.length > 0 ? <SavePicture name={dashboard.name} elementOf={() => board.current} isLarge /> : null}
              {mayEdit ? <DashboardMenu project={project} dashboard={dashboard} /> : null}
            </Group>
          ) : (
            <LayoutButtons layout={layout} isPending={change.isPending} />
          )
        }
      />
      <ReportBar project={project} hide={["compare", "interval"]} />
      {error ? <ErrorAlert title={t.dashboards.notChanged} error={error} /> : null}
      <div ref={boardRef} className={classes.board}>
        <PictureHead project={project} name={dashboard.name} />
        {tiles.length === 0 ? (
          <EmptyState title={t.dashboards.noTilesTitle} note={t.dashboards.noTilesNote} />
        ) : (
          <DashboardTiles
            project={project}
            tiles={tiles}
            mayEdit={mayEdit}
            setTiles={layout.draft === null ? setTiles : layout.set}
            isEditing={layout.draft !== null}
            onRemove={removeTile.remove}
          />
        )}
      </div>
    </>
  );
}

type LayoutDraft = ReturnType<typeof useLayoutDraft>;

/** The tiles as somebody arranges them, until they are saved. */
function useLayoutDraft(dashboard: Dashboard, change: ReturnType<typeof useChangeDashboard>, onEnd: () => void) {
  const saved = dashboard.tiles.items;
  const [draft, setDraft] = useState<Tile[] | null>(null);
  const isChanged = draft !== null && JSON.stringify(draft) !== JSON.stringify(saved);
  useUnsavedChanges(isChanged && !change.isPending);
  const end = () => {
    setDraft(null);
    change.reset();
    onEnd();
  };
  return {
    draft,
    isChanged,
    set: setDraft,
    begin: () => {
      setDraft(saved);
    },
    end,
    save: () => {
      if (draft === null || !isChanged) end();
      else change.mutate({ key: dashboard.id, changes: { tiles: { items: draft } } }, { onSuccess: end });
    },
  };
}

function LayoutButtons({ layout, isPending }: { layout: LayoutDraft; isPending: boolean }) {
  const saveButton = useRef<HTMLButtonElement>(null);
  useEffect(() => saveButton.current?.focus(), []);
  return (
    <Group gap="xs">
      <Button variant="default" size="sm" disabled={isPending} onClick={layout.end}>
        {t.common.cancel}
      </Button>
      <Button size="sm" loading={isPending} aria-keyshortcuts="S" ref={saveButton} onClick={layout.save}>
        {t.dashboards.saveLayout}
      </Button>
    </Group>
  );
}

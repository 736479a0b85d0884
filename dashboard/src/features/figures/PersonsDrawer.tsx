import { Drawer, Group, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import type { Project } from "../../api/requests/client";
import { fetchFigureFile, useFigurePersons } from "../../api/reports/figures";
import { isAtLeast } from "../../api/projects/roles";
import { DownloadPersons } from "../../components/persons/DownloadPersons";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { useShowFigure, useShownFigure, type ShownFigure } from "../../components/figures/figureAddress";
import { ListSkeleton } from "../../components/states/ListSkeleton";
import { LoadMoreButton } from "../../components/tables/LoadMoreButton";
import { PersonTable } from "../../components/persons/PersonTable";
import { SaveCohort } from "../../components/persons/SaveCohort";
import { rangeName } from "../../format/time";
import { t } from "../../texts";
import { FigureActions } from "./FigureActions";

/** The persons behind the figure in the address, beside the page. */
export function PersonsDrawer({ project }: { project: Project }) {
  const figure = useShownFigure();
  const show = useShowFigure();
  useReturnedFocus();
  return (
    <Drawer
      opened={figure !== null}
      onClose={() => {
        show?.(null);
      }}
      position="right"
      size={760}
      title={figure?.title}
      styles={{ title: { fontSize: 18, fontWeight: 620, overflowWrap: "anywhere" } }}
      closeButtonProps={{ "aria-label": t.common.close }}
      transitionProps={{ duration: 0 }}
    >
      {figure === null ? null : (
        <Stack gap="md">
          <FigureActions project={project} figure={figure} />
          <FigurePersonsList key={JSON.stringify(figure)} figure={figure} project={project} />
        </Stack>
      )}
    </Drawer>
  );
}

/** Give the focus back to the figure: the drawer itself would only if it was there before it was opened. */
function useReturnedFocus() {
  useEffect(() => {
    const figure = document.activeElement;
    return () => {
      if (figure instanceof HTMLElement && figure.isConnected) figure.focus({ preventScroll: true });
    };
  }, []);
}

/** The persons behind a figure, saved as a cohort or downloaded. */
export function FigurePersonsList({ figure, project }: { figure: ShownFigure; project: Project }) {
  const list = useFigurePersons(project.id, figure.question);
  const { data, error } = list;
  const first = data?.pages[0];
  const persons = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Stack gap="md">
      {error ? <ErrorAlert title={t.persons.listNotLoaded} error={error} retry={() => void list.refetch()} /> : null}
      {!data && !error ? <ListSkeleton /> : null}
      {first ? (
        <>
          <Text size="sm" c="dimmed">
            {t.persons.users(first.total)} · {rangeName(first.from, first.to, first.timezone)}
          </Text>
          {first.total === 0 ? (
            <Text size="sm">{t.persons.nobody}</Text>
          ) : (
            <>
              <Group gap="xs">
                <DownloadPersons
                  fetchFile={() => fetchFigureFile(project.id, figure.question)}
                  fileName={`${figure.title}.csv`}
                />
                {isAtLeast(project.role, "member") ? <SaveCohort project={project} name={figure.title} members={{ figure: figure.question }} /> : null}
              </Group>
              <PersonTable
                isCompact
                label={figure.title}
                projectId={project.id}
                zone={project.timezone}
                persons={persons}
                receivedAt={list.dataUpdatedAt}
              />
              <Text size="xs" c="dimmed" ta="center" aria-live="polite">
                {t.persons.shownOf(persons.length, first.total)}
              </Text>
              <LoadMoreButton label={t.persons.loadMore} list={list} />
            </>
          )}
        </>
      ) : null}
    </Stack>
  );
}

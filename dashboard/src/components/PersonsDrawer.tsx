import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { Project } from "../api/client";
import { fetchFigureFile, useFigurePersons } from "../api/figures";
import { isAtLeast } from "../api/roles";
import { useApiMutation } from "../api/useApiMutation";
import { rangeName } from "../format/time";
import { t } from "../texts";
import { ErrorAlert } from "./ErrorAlert";
import { useShownFigure, type ShownFigure } from "./figureAddress";
import { ListSkeleton } from "./ListSkeleton";
import { LoadMoreButton } from "./LoadMoreButton";
import { PersonTable } from "./PersonTable";
import { SaveCohort } from "./SaveCohort";
import { saveFile } from "./saveFile";

/** The persons behind the figure in the address, beside the page. */
export function PersonsDrawer({ project }: { project: Project }) {
  const [figure, show] = useShownFigure();
  return (
    <Drawer
      opened={figure !== null}
      onClose={() => {
        show(null);
      }}
      position="right"
      size={760}
      title={figure?.title}
      styles={{ title: { fontSize: 18, fontWeight: 620, overflowWrap: "anywhere" } }}
      closeButtonProps={{ "aria-label": t.common.close }}
      transitionProps={{ duration: 0 }}
    >
      {figure === null ? null : <FigurePersonsList key={JSON.stringify(figure)} figure={figure} project={project} />}
    </Drawer>
  );
}

function FigurePersonsList({ figure, project }: { figure: ShownFigure; project: Project }) {
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
                <Download figure={figure} project={project} />
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

interface FigureProps {
  figure: ShownFigure;
  project: Project;
}

function Download({ figure, project }: FigureProps) {
  const download = useApiMutation(() => fetchFigureFile(project.id, figure.question), {
    onDone: (file) => {
      saveFile(file, `${figure.title}.csv`);
    },
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={15} stroke={1.7} />}
        loading={download.isPending}
        onClick={() => {
          download.mutate();
        }}
      >
        {t.persons.download}
      </Button>
      {download.error ? <ErrorAlert title={t.persons.notDownloaded} error={download.error} /> : null}
    </>
  );
}

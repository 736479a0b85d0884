import { Container, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useProjects } from "../../api/projects/projects";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { t } from "../../texts";
import { CreateProject } from "./CreateProject";
import { DeletedProjects } from "./DeletedProjects";
import { ProjectCard } from "./ProjectCard";

/** The projects that the account is a member of. */
export function ProjectsPage() {
  const projects = useProjects();
  const isEmpty = projects.data?.length === 0;
  return (
    <Container size="lg" px={0}>
      <PageTitle title={t.projects.title} note={t.projects.note} actions={<CreateProject />} />
      {projects.error ? <ErrorAlert error={projects.error} retry={() => void projects.refetch()} /> : null}
      {isEmpty ? <NoProjects /> : null}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="md">
        {projects.data?.map((project) => <ProjectCard key={project.id} project={project} />)}
        {projects.isPending ? [1, 2, 3].map((index) => <Skeleton key={index} height={176} radius="lg" />) : null}
      </SimpleGrid>
      {/* If projects fail to load, deleted ones would fail too, and one alert is enough. */}
      {projects.data ? (
        <div style={{ marginTop: 24 }}>
          <DeletedProjects />
        </div>
      ) : null}
    </Container>
  );
}

function NoProjects() {
  return (
    <Stack align="center" gap="xs" py={80} ta="center">
      <Title order={2} fz={18}>
        {t.projects.emptyTitle}
      </Title>
      <Text c="dimmed">{t.projects.emptyNote}</Text>
    </Stack>
  );
}

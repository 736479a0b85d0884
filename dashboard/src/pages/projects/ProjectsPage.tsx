import { Button, Container, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useProjects } from "../../api/projects";
import { PageTitle } from "../../components/PageTitle";
import { ErrorAlert } from "../../components/ErrorAlert";
import { CreateProject } from "./CreateProject";
import { DeletedProjects } from "./DeletedProjects";
import { ProjectCard } from "./ProjectCard";

/** The projects one is a member of. */
export function ProjectsPage() {
  const projects = useProjects();
  const [creating, { open, close }] = useDisclosure();
  const isEmpty = projects.data?.length === 0;
  return (
    <Container size="lg" px={0}>
      <PageTitle
        title="Projects"
        note="An app or a game each, with keys and data of its own"
        actions={
          isEmpty ? null : (
            <Button leftSection={<IconPlus size={16} />} onClick={open}>
              New project
            </Button>
          )
        }
      />
      {projects.error ? <ErrorAlert error={projects.error} retry={() => void projects.refetch()} /> : null}
      {isEmpty ? <NoProjects onCreate={open} /> : null}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="md">
        {projects.data?.map((project) => <ProjectCard key={project.id} project={project} />)}
        {projects.isPending ? [1, 2, 3].map((place) => <Skeleton key={place} height={176} radius="lg" />) : null}
      </SimpleGrid>
      {/* One failure is told once. */}
      {projects.data ? (
        <div style={{ marginTop: 24 }}>
          <DeletedProjects />
        </div>
      ) : null}
      <CreateProject opened={creating} onClose={close} />
    </Container>
  );
}

function NoProjects({ onCreate }: { onCreate: () => void }) {
  return (
    <Stack align="center" gap="xs" py={80} ta="center">
      <Title order={2} fz={18}>
        Low tide
      </Title>
      <Text c="dimmed">You are not a member of any project yet.</Text>
      <Button mt="sm" leftSection={<IconPlus size={16} />} onClick={onCreate}>
        New project
      </Button>
    </Stack>
  );
}

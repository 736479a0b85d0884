import { Button, Container, Group, SimpleGrid, Skeleton, Title } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useProjects } from "../../api/queries";
import { Problem } from "../../components/Problem";
import { CreateProject } from "./CreateProject";
import { ProjectCard } from "./ProjectCard";

/** The projects one is a member of. */
export function ProjectsPage() {
  useDocumentTitle("Projects · Tidemark");
  const projects = useProjects();
  const [creating, { open, close }] = useDisclosure();
  return (
    <Container size="lg" px={0}>
      <Group justify="space-between" mb="lg">
        <Title order={1} fz={26}>
          Projects
        </Title>
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          New project
        </Button>
      </Group>
      {projects.error ? <Problem error={projects.error} retry={() => void projects.refetch()} /> : null}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {projects.data
          ? projects.data.items.map((project) => <ProjectCard key={project.id} project={project} />)
          : [1, 2, 3].map((place) => <Skeleton key={place} height={170} />)}
      </SimpleGrid>
      <CreateProject opened={creating} onClose={close} />
    </Container>
  );
}

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "react-router";
import { t } from "../../texts";

/** What an address shows that does not exist, or that belongs to somebody else. */
export function NotFound() {
  useDocumentTitle(t.common.tab(t.notFound.tab));
  return (
    <Center mih="60vh">
      <Stack align="center" gap="xs" ta="center">
        <svg width="120" height="44" viewBox="0 0 120 44" fill="none" aria-hidden="true">
          <path d="M6 10h108" stroke="var(--tm-mark)" strokeWidth="2" strokeDasharray="5 5" strokeLinecap="round" />
          <path
            d="M0 38c10 0 10-5 20-5s10 5 20 5 10-5 20-5 10 5 20 5 10-5 20-5 10 5 20 5"
            stroke="var(--mantine-primary-color-filled)"
            strokeWidth="2.5"
          />
        </svg>
        <Title order={1} fz={22}>
          {t.notFound.title}
        </Title>
        <Text c="dimmed">{t.notFound.note}</Text>
        <Button component={Link} to="/projects" variant="light" mt="sm">
          {t.notFound.allProjects}
        </Button>
      </Stack>
    </Center>
  );
}

import { Button, Container, PasswordInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useOpenShared } from "../../api/insights/dashboards";
import { hasCode } from "../../api/requests/errors";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { PageTitle } from "../../components/page/PageTitle";
import { t } from "../../texts";

/** The password of a public link. */
export function SharePassword({ token, onOpen }: { token: string; onOpen: (access: string) => void }) {
  const open = useOpenShared(token);
  const [password, setPassword] = useState("");
  const isWrong = hasCode(open.error, "share_password_wrong");
  return (
    <Container size={420} pt="10vh">
      <PageTitle title={t.dashboards.passwordTitle} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate(password, {
            onSuccess: ({ access }) => {
              onOpen(access);
            },
          });
        }}
      >
        <Stack>
          <Text size="sm">{t.dashboards.passwordNote}</Text>
          {open.error && !isWrong ? <ErrorAlert error={open.error} /> : null}
          <PasswordInput
            label={t.dashboards.password}
            autoComplete="off"
            required
            withAsterisk={false}
            value={password}
            error={isWrong ? t.dashboards.passwordWrong : undefined}
            aria-invalid={isWrong}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          <Button type="submit" loading={open.isPending}>
            {t.dashboards.openShared}
          </Button>
        </Stack>
      </form>
    </Container>
  );
}

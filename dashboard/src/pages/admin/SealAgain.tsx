import { Alert, Anchor, Button, Group, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { fieldError } from "../../api/requests/errors";
import { useSealAgain } from "../../api/operations/sealing";
import { FormErrorAlert } from "../../notices/FormErrorAlert";
import { t } from "../../texts";

const texts = t.aggregates;

interface SealAgainProps {
  projectId: number;
  /** The first and the last day that can be sealed, ISO dates. */
  first: string;
  last: string;
}

/** Has days sealed again, by a job. */
export function SealAgain({ projectId, first, last }: SealAgainProps) {
  const seal = useSealAgain(projectId);
  const [days, setDays] = useState({ from: last, to: last });
  const field = (name: "from" | "to") => ({
    label: texts[name],
    type: "date",
    size: "xs" as const,
    min: first,
    max: last,
    required: true,
    withAsterisk: false,
    value: days[name],
    error: fieldError(seal.error, name),
    onChange: (event: { currentTarget: { value: string } }) => {
      setDays({ ...days, [name]: event.currentTarget.value });
    },
  });
  return (
    <form
      aria-label={texts.sealAgain}
      onSubmit={(event) => {
        event.preventDefault();
        if (!seal.isPending) seal.mutate(days);
      }}
    >
      <FormErrorAlert error={seal.error} fields={["from", "to"]} title={texts.notRequested} />
      <Group gap="sm" align="flex-end">
        <TextInput {...field("from")} />
        <TextInput {...field("to")} />
        <Button type="submit" size="xs" variant="default" loading={seal.isPending}>
          {texts.sealAgain}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {texts.sealAgainNote}
      </Text>
      {seal.isSuccess ? (
        <Alert color="tide" mt="xs" p="xs" role="status">
          {texts.requested}{" "}
          <Anchor component={Link} to="/admin/jobs?status=queued" fz="inherit">
            {texts.watch}
          </Anchor>
        </Alert>
      ) : null}
    </form>
  );
}

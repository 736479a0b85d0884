import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, type RefObject } from "react";
import { ApiError, formMessage } from "../api/requests/errors";
import { t } from "../texts";

interface FormErrorAlertProps {
  error: Error | null;
  /** Names of the fields that show their errors themselves. */
  fields: readonly string[];
  title?: string;
}

/** Why the server refused a form. What was typed stays. */
export function FormErrorAlert({ error, fields, title = t.errors.notSaved }: FormErrorAlertProps) {
  if (!error) return null;
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {formMessage(error, fields)}
      </Text>
      {error instanceof ApiError && error.requestId && error.status >= 500 ? (
        <Text size="xs" c="dimmed" mt={4}>
          {t.errors.request(error.requestId)}
        </Text>
      ) : null}
    </Alert>
  );
}

/** Focus the first marked field after a refusal. */
export function useFocusOnError(form: RefObject<HTMLElement | null>, error: Error | null) {
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
}

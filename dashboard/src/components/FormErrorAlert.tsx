import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, type RefObject } from "react";
import { ApiError, formMessage } from "../api/errors";

interface FormErrorAlertProps {
  error: Error | null;
  /** The fields of the form, which show what is wrong with them by themselves. */
  fields: readonly string[];
  title?: string;
}

/** Why a form was not taken. What was typed stays. */
export function FormErrorAlert({ error, fields, title = "Not saved" }: FormErrorAlertProps) {
  if (!error) return null;
  return (
    <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {formMessage(error, fields)}
      </Text>
      {error instanceof ApiError && error.requestId && error.status >= 500 ? (
        <Text size="xs" c="dimmed" mt={4}>
          Request {error.requestId}
        </Text>
      ) : null}
    </Alert>
  );
}

/** After a refusal, go to the first field that is marked. */
export function useFocusOnError(form: RefObject<HTMLElement | null>, error: Error | null) {
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
}

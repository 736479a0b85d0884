import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { t } from "../../texts";
import { ErrorAlert } from "../../notices/ErrorAlert";

interface State {
  error: unknown;
  failed: boolean;
}

/** Shows an error in place of a part that has crashed, instead of an empty page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, failed: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, failed: true };
  }

  override render(): ReactNode {
    const { error, failed } = this.state;
    if (!failed) return this.props.children;
    const needsReload = isMissingFile(error);
    return (
      <Container size="sm" py="xl">
        <ErrorAlert
          title={needsReload ? t.errors.partMissing : t.errors.pageBroken}
          error={needsReload ? new Error(t.errors.partMissingHint) : error}
          retryLabel={needsReload ? t.errors.reload : t.common.tryAgain}
          retry={() => {
            if (needsReload) window.location.reload();
            else this.setState({ error: null, failed: false });
          }}
        />
      </Container>
    );
  }
}

/** Each browser has its own words for a script that cannot be fetched. */
function isMissingFile(error: unknown): boolean {
  return error instanceof TypeError && /import|module script|preload/i.test(error.message);
}

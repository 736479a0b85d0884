import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { ErrorAlert } from "./ErrorAlert";

interface State {
  error: unknown;
  failed: boolean;
}

/** Keeps one broken part from leaving the person with an empty page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, failed: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, failed: true };
  }

  override render(): ReactNode {
    const { error, failed } = this.state;
    if (!failed) return this.props.children;
    const outdated = isMissingFile(error);
    return (
      <Container size="sm" py="xl">
        <ErrorAlert
          title={outdated ? "A part of the dashboard did not load" : "This page broke"}
          error={outdated ? new Error("Tidemark was updated, or the connection was lost. Load the page again.") : error}
          retryLabel={outdated ? "Load again" : "Try again"}
          retry={() => {
            if (outdated) window.location.reload();
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

import { Container } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Problem } from "./Problem";

/** Keeps one broken part from leaving the person with an empty page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Container size="sm" py="xl">
        <Problem
          error={this.state.error}
          retry={() => {
            window.location.reload();
          }}
        />
      </Container>
    );
  }
}

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation, useNavigate } from "react-router";
import { makeQueryClient } from "../../src/api/cache/queryClient";
import { ReportBar } from "../../src/report/ReportBar";
import { UndoProvider } from "../../src/shell/UndoProvider";
import { project } from "./server";

/** Open the bar of a report at an address; a click on what `address` returns goes back. */
export function openBar(at = "/", bar = <ReportBar project={project} />) {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter initialEntries={[at]}>
          <UndoProvider>{bar}</UndoProvider>
          <Address />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { person: userEvent.setup({ delay: null }), address: () => screen.getByTestId("address") };
}

function Address() {
  const { search } = useLocation();
  const navigate = useNavigate();
  return <button data-testid="address" onClick={() => void navigate(-1)}>{decodeURIComponent(search)}</button>;
}

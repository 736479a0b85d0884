import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation, useNavigate } from "react-router";
import { makeQueryClient } from "../../src/api/cache/queryClient";
import { App } from "../../src/App";
import { cssVariables, theme } from "../../src/theme";

/** Open the whole dashboard at an address. Only the network is simulated. */
export function openDashboard(address: string) {
  const person = userEvent.setup({ delay: null });
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter initialEntries={[address]}>
          <App />
          <Address />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return person;
}

/** The current address, for tests to read, and the browser's Back. */
function Address() {
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  return (
    <>
      <output data-testid="address">{pathname + search}</output>
      <button
        data-testid="back"
        onClick={() => {
          void navigate(-1);
        }}
      />
    </>
  );
}

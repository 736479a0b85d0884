import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { DataTable } from "../../../src/components/tables/DataTable";

test("a table that stacks says the role of each part, and each figure its column", () => {
  render(
    <MantineProvider env="test">
      <DataTable caption="Variants" columns={["Variant", "Users", "Value", "Lift"]} rows={[{ key: "a", cells: ["control", "12", "3", "4"] }]} />
    </MantineProvider>,
  );
  const table = screen.getByRole("table", { name: "Variants" });
  // Browsers that forget the roles of elements with another display are told them.
  const roles = [table, ...table.querySelectorAll("thead, tbody, tr, th, td")].map((part) => part.getAttribute("role"));
  expect(roles).toEqual(["table", "rowgroup", "row", "columnheader", "columnheader", "columnheader", "columnheader", "rowgroup", "row", "rowheader", "cell", "cell", "cell"]);
  expect(screen.getByRole("cell", { name: "12" })).toHaveAttribute("data-label", "Users");
});

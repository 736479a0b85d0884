import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { RichText } from "../../../src/components/text/RichText";
import { rich } from "../../../src/texts/rich";

test("the gaps of a text are filled with elements, and braces in a value stay as they are", () => {
  render(
    <p>
      <RichText text={rich("{name} invites you to {project}.")} values={{ name: "{project}", project: <b>Harbour</b> }} />
    </p>,
  );
  expect(screen.getByRole("paragraph")).toHaveTextContent("{project} invites you to Harbour.");
  expect(screen.getByText("Harbour").tagName).toBe("B");
});

import { Navigate, useLocation } from "react-router";
import { projectAddress } from "../addresses";

/** Leads from the addresses that the pages of projects had before, with their queries, to those of now. */
export function FormerProjectAddress() {
  const { pathname, search, hash } = useLocation();
  const [, , id = "", ...rest] = pathname.split("/");
  const path = rest.map((part, index) => `/${index === 0 && part === "insights" ? "explore" : part}`).join("");
  return <Navigate to={projectAddress(id, path) + search + hash} replace />;
}

import { harmless } from "../../format/isolated";

/** A name that anybody may have given, such as of an event or a project: it does not change the order of the text around it. */
export function Name({ children }: { children: string }) {
  return <bdi>{harmless(children)}</bdi>;
}

import { Fragment, type ReactNode } from "react";
import type { Rich } from "../../texts/rich";

interface RichTextProps<Gap extends string> {
  text: Rich<Gap>;
  values: Record<Gap, ReactNode>;
}

/** A text whose gaps are filled with elements: a name in bold, a value as code, a link. */
export function RichText<Gap extends string>({ text: { text }, values }: RichTextProps<Gap>) {
  const fillings: Partial<Record<string, ReactNode>> = values;
  return text
    .split(/\{(\w+)\}/)
    .map((part, index) => <Fragment key={index}>{index % 2 === 1 ? fillings[part] : part}</Fragment>);
}

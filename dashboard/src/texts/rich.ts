/** A text with named gaps, such as "Sign in as {email}", which `<RichText>` fills with elements. */
export interface Rich<Gap extends string> {
  readonly text: string;
  /** Only for the compiler: the names of the gaps. */
  readonly gap?: Gap;
}

type GapsOf<Text extends string> = Text extends `${string}{${infer Gap}}${infer Rest}` ? Gap | GapsOf<Rest> : never;

/** Mark a text as having gaps; a component that leaves one unfilled does not compile. */
export function rich<const Text extends string>(text: Text): Rich<GapsOf<Text>> {
  return { text };
}

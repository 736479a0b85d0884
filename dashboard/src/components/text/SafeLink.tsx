import { Anchor } from "@mantine/core";

/** An untrusted address: a link if it is a web address, otherwise only text. */
export function SafeLink({ address }: { address: string }) {
  if (!isWebAddress(address)) return <>{address}</>;
  return (
    <Anchor href={address} target="_blank" rel="noreferrer noopener" inherit style={{ overflowWrap: "anywhere" }}>
      {address}
    </Anchor>
  );
}

function isWebAddress(address: string): boolean {
  // A relative address would lead into this dashboard.
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

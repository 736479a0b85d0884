import { TidemarkAnalytics } from "@tidemark/browser/next";
import type { ReactNode } from "react";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <TidemarkAnalytics project="PUBLIC_KEY" apiUrl="TIDEMARK_URL" source="next" />
      </body>
    </html>
  );
}

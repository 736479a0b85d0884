"use client";
import { useFlag, useTidemark } from "@tidemark/browser/next";
import Link from "next/link";

export default function Home() {
  const tidemark = useTidemark();
  const flag = useFlag("new-checkout");
  return (
    <main>
      <h1>First page</h1>
      <output>{String(flag)}</output>
      <button onClick={() => { tidemark.event("clicked", { by: "hand" }); }}>Click</button>
      <Link href="/second">Second page</Link>
    </main>
  );
}

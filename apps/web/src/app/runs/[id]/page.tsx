import { Suspense } from "react";
import { RunPage } from "@/features/run/run-page.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <RunPage id={decodeURIComponent(id)} />
    </Suspense>
  );
}

import { Suspense } from "react";
import { ModelPage } from "@/features/models/model-page.tsx";

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return (
    <Suspense>
      <ModelPage name={decodeURIComponent(name)} />
    </Suspense>
  );
}

import { Suspense } from "react";
import { StudyPage } from "@/features/studies/study-page.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <StudyPage id={decodeURIComponent(id)} />
    </Suspense>
  );
}

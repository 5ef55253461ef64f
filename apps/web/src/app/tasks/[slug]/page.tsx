import { Suspense } from "react";
import { TaskPage } from "@/features/tasks/task-page.tsx";

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return (
    <Suspense>
      <TaskPage slug={decodeURIComponent(slug)} />
    </Suspense>
  );
}

import { Suspense } from "react";
import { TasksPage } from "@/features/tasks/tasks-page.tsx";

export default function Page() {
  return (
    <Suspense>
      <TasksPage />
    </Suspense>
  );
}

import { Suspense } from "react";
import { ImportTaskPage } from "@/features/tasks/import/import-task-page.tsx";

export default function Page() {
  return (
    <Suspense>
      <ImportTaskPage />
    </Suspense>
  );
}

import { TasksPage } from "@/features/tasks/tasks-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <TasksPage />
    </PageAddress>
  );
}

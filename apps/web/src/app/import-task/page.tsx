import { ImportTaskPage } from "@/features/tasks/import/import-task-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <ImportTaskPage />
    </PageAddress>
  );
}

import { TaskPage } from "@/features/tasks/task-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return (
    <PageAddress>
      <TaskPage slug={decodeURIComponent(slug)} />
    </PageAddress>
  );
}

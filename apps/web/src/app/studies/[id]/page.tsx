import { StudyPage } from "@/features/studies/study-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <PageAddress>
      <StudyPage id={decodeURIComponent(id)} />
    </PageAddress>
  );
}

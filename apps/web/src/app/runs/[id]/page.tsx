import { RunPage } from "@/features/run/run-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <PageAddress>
      <RunPage id={decodeURIComponent(id)} />
    </PageAddress>
  );
}

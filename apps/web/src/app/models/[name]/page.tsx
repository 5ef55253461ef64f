import { ModelPage } from "@/features/models/model-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return (
    <PageAddress>
      <ModelPage name={decodeURIComponent(name)} />
    </PageAddress>
  );
}

import { ModelsPage } from "@/features/models/models-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <ModelsPage />
    </PageAddress>
  );
}

import { StudiesPage } from "@/features/studies/studies-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <StudiesPage />
    </PageAddress>
  );
}

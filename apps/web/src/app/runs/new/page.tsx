import { NewRunPage } from "@/features/new-run/new-run-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <NewRunPage />
    </PageAddress>
  );
}

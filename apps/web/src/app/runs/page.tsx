import { RunsPage } from "@/features/runs/runs-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <RunsPage />
    </PageAddress>
  );
}

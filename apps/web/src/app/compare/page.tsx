import { ComparePage } from "@/features/compare/compare-page.tsx";
import { PageAddress } from "@/state/page-address.tsx";

export default function Page() {
  return (
    <PageAddress>
      <ComparePage />
    </PageAddress>
  );
}

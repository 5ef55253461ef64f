import { ComparisonsPage } from "@/features/compare/saved/comparisons-page.tsx";

export default function Page() {
  return <ComparisonsPage />;
}

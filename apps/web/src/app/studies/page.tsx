import { Suspense } from "react";
import { StudiesPage } from "@/features/studies/studies-page.tsx";

export default function Page() {
  return (
    <Suspense>
      <StudiesPage />
    </Suspense>
  );
}

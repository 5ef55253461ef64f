import { Skeleton } from "@/ui/states.tsx";
import type { RunHeaderData } from "./queries.ts";
import type { RunView } from "./view-state.ts";

/** What every tab gets. */
export interface TabProps {
  run: RunHeaderData;
  view: RunView;
}

export const TabSkeleton = () => (
  <div className="grid grid-cols-1 gap-5">
    <Skeleton className="h-16 w-2/3" />
    <div className="grid gap-5 lg:grid-cols-2">
      <Skeleton className="h-[420px]" />
      <Skeleton className="h-[420px]" />
    </div>
  </div>
);

import { ButtonLink } from "@/ui/button.tsx";
import { EmptyState } from "@/ui/states.tsx";

export default function NotFound() {
  return (
    <EmptyState title="There is no such page" action={<ButtonLink href="/">Home</ButtonLink>}>
      The address may be mistyped, or the run was deleted.
    </EmptyState>
  );
}

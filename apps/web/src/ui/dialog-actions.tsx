import type { CombinedError } from "urql";
import { Button } from "./button.tsx";
import { ErrorState } from "./states.tsx";

/** The end of a dialog: what went wrong, a way out, and the deed. */
export function DialogActions(props: {
  error?: CombinedError | null;
  busy: boolean;
  /** What the button says: before, and while it is done. */
  verb: string;
  doing: string;
  danger?: boolean;
  disabled?: boolean;
  onClose: () => void;
  onDo: () => void;
}) {
  const { error, busy, verb, doing, danger, disabled, onClose, onDo } = props;
  return (
    <>
      {error && (
        <div className="mt-4">
          <ErrorState error={error} />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look={danger ? "danger" : "primary"} disabled={busy || disabled} onClick={onDo}>
          {busy ? doing : verb}
        </Button>
      </div>
    </>
  );
}

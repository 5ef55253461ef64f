"use client";
import { Dialog } from "radix-ui";
import { IconButton } from "@/ui/button.tsx";
import { CloseIcon } from "@/ui/icons.tsx";
import { FigureFrame, type FigureProps } from "./figure.tsx";
import { FigureStage } from "./figure-stage.ts";

/** Title, legend, margins and the row of controls. */
const AROUND_DRAWING = 170;

/** A figure over the whole window, drawn for that size. */
export function FigureFullScreen({ onClose, ...figure }: FigureProps & { onClose: () => void }) {
  const height = Math.max(240, window.innerHeight - AROUND_DRAWING);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-paper" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-0 z-40 overflow-auto p-4 outline-none"
        >
          <Dialog.Title className="sr-only">{figure.title ?? figure.about.title}</Dialog.Title>
          <FigureStage value={height}>
            <FigureFrame
              {...figure}
              compact={false}
              corner={
                <Dialog.Close asChild>
                  <IconButton label="Leave full screen (Esc)">
                    <CloseIcon size={14} />
                  </IconButton>
                </Dialog.Close>
              }
            />
          </FigureStage>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

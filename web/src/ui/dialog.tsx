import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Text } from "../i18n/text.tsx";
import { Button } from "./button.tsx";

// A question that has to be answered before anything else. `close` is Escape and the cross.
export function Dialog(props: {
  open: boolean;
  close: () => void;
  title: ReactNode;
  children: ReactNode;
  actions?: ReactNode;
  alert?: boolean;
  // Only shows something: the button says "Close" instead of "Cancel".
  closes?: boolean;
}) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={props.open}
      onOpenChange={(open) => {
        if (!open) props.close();
      }}
      isDismissable={false}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role={props.alert ? "alertdialog" : "dialog"}>
          <Heading slot="title" className="dialog-title">
            {props.title}
          </Heading>
          <div className="dialog-body">{props.children}</div>
          <div className="dialog-actions">
            {props.actions}
            <Button onPress={props.close}>
              <Text k={props.closes ? "page.close" : "action-word.cancel"} />
            </Button>
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

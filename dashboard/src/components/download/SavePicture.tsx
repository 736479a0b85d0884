import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconPhotoDown } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { t } from "../../texts";

interface SavePictureProps {
  /** What the picture shows; the name of the file. */
  name: string;
  /** The element of the picture, given the button that was pressed. */
  elementOf: (button: HTMLElement) => HTMLElement | null;
  /** As high as the buttons of a page's title. */
  isLarge?: boolean;
}

/** Saves a chart, or a whole dashboard, as a PNG file. */
export function SavePicture({ name, elementOf, isLarge = false }: SavePictureProps) {
  const { isPending, error, save } = useSavePicture(name);
  return (
    <>
      {error ? <PictureFailed /> : null}
      <Tooltip label={t.common.savePicture}>
        <ActionIcon
          {...(isLarge ? { variant: "default", size: 36 } : { variant: "subtle", color: "gray" })}
          aria-label={t.common.savePictureOf(name)}
          loading={isPending}
          onClick={({ currentTarget }) => {
            save(elementOf(currentTarget));
          }}
        >
          <IconPhotoDown size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

/** The function that saves an element as a PNG file, and how far it is. */
export function useSavePicture(name: string) {
  const { mutate, isPending, error } = useMutation({
    // Nothing is asked of the server but the script, which the browser may have.
    networkMode: "always",
    mutationFn: async (element: HTMLElement) => {
      const { savePicture } = await import("./savePicture");
      await savePicture(element, name);
    },
  });
  return {
    isPending,
    error,
    save: (element: HTMLElement | null) => {
      if (element) mutate(element);
    },
  };
}

/** Says that the browser could not make a picture. */
export function PictureFailed() {
  return (
    <Text size="xs" c="coral" role="alert">
      {t.common.pictureFailed}
    </Text>
  );
}

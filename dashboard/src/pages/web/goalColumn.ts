import { useMemo } from "react";
import { useAddressState } from "../../components/page/useAddressState";

/** The goal whose conversions each row shows; the address holds it. */
export function useGoalColumn(): { id: number | null; choose: (id: number | null) => void; query: { goal?: number } } {
  const [text, set] = useAddressState("goal");
  return useMemo(() => {
    const id = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
    return {
      id,
      choose: (goal: number | null) => {
        set(goal === null ? "" : String(goal));
      },
      query: id === null ? {} : { goal: id },
    };
  }, [text, set]);
}

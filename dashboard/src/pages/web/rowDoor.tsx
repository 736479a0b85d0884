import type { ReactNode } from "react";
import type { WebDimension, WebValue, WebValues } from "../../api/reports/web";
import { Door } from "../../components/figures/Door";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { conditionOf } from "./useWebQuery";
import { valueLabel } from "./valueLabel";
import { rowQuestion } from "./webQuestion";

/** What wraps the visitors of a row, so that they lead to those visitors. */
export function useRowDoor(dimension: WebDimension): (list: WebValues, value: WebValue["value"], text: ReactNode) => ReactNode {
  const { body } = useReport();
  return (list, value, text) => (
    <Door
      figure={t.web.doorOf(valueLabel(dimension, value))}
      question={rowQuestion(dimension, list, value, body)}
      condition={list.scope === null ? undefined : conditionOf(list, value)}
    >
      {text}
    </Door>
  );
}

import { reportBody } from "../../api/reports/figures";
import type { WebMetric, WebQuery, WebReport } from "../../api/reports/web";
import { TimeChart } from "../../charts/TimeChart";
import { Door } from "../../components/figures/Door";
import { Kpi, KpiStrip } from "../../components/figures/Kpi";
import { ProofLine } from "../../components/figures/ProofLine";
import { useAddressState } from "../../components/page/useAddressState";
import { rangeName } from "../../format/time";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { chartOf, metricOf, WEB_METRICS } from "./webMetrics";
import { metricQuestion } from "./webQuestion";
import classes from "./WebPage.module.css";

interface WebFiguresProps {
  report: WebReport;
  /** With what it was asked for. */
  asked: WebQuery;
  /** With which the API is asked for it. */
  address: string;
}

/** The figures of the period, and the chart of the one that is selected. */
export function WebFigures({ report, asked, address }: WebFiguresProps) {
  const [chosen, choose] = useAddressState("metric");
  const selected = metricOf(chosen);
  const { compare } = useReport();
  const previousName = t.web.comparedWith[compare];
  return (
    <div className={classes.strip}>
      <KpiStrip label={t.web.figures}>
        {(Object.keys(WEB_METRICS) as WebMetric[]).map((metric) => (
          <Kpi
            key={metric}
            label={t.web.metrics[metric].name}
            explanation={t.web.metrics[metric].explanation}
            unit={WEB_METRICS[metric].unit}
            good={WEB_METRICS[metric].good}
            value={report.totals[metric]}
            previous={report.previous ? { value: report.previous.totals[metric], name: previousName } : undefined}
            figure={(text) => (
              <Door
                figure={t.web.figureOf(t.web.metrics[metric].name, rangeName(report.from, report.to, report.timezone))}
                question={report.totals[metric] ? metricQuestion(metric, reportBody(asked)) : null}
              >
                {text}
              </Door>
            )}
            isSelected={metric === selected}
            onSelect={() => {
              choose(metric === "visitors" ? "" : metric);
            }}
          />
        ))}
      </KpiStrip>
      <div className={classes.chart}>
        <Chart report={report} metric={selected} />
        <ProofLine {...report} query={{ path: address }} />
      </div>
    </div>
  );
}

function Chart({ report, metric }: { report: WebReport; metric: WebMetric }) {
  const { name } = t.web.metrics[metric];
  const { compare } = useReport();
  return (
    <TimeChart
      label={t.web.chartOf(name)}
      name={name}
      unit={WEB_METRICS[metric].unit}
      interval={report.interval}
      timezone={report.timezone}
      height={250}
      {...chartOf(report, metric)}
      {...(compare === "none" ? { previous: undefined } : {})}
    />
  );
}

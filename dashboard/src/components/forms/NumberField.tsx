import { NumberInput, type NumberInputProps } from "@mantine/core";

interface NumberFieldProps extends Omit<NumberInputProps, "value" | "onChange"> {
  /** null: empty. */
  value: number | null;
  onChange: (value: number | null) => void;
}

/** A number, or nothing. */
export function NumberField({ value, onChange, ...props }: NumberFieldProps) {
  return (
    <NumberInput
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      hideControls
      inputMode="numeric"
      {...props}
      value={value ?? ""}
      onChange={(entered) => {
        onChange(entered === "" ? null : Number(entered));
      }}
    />
  );
}

/** A share (0 to 1), entered in percent. */
export function ShareField(props: Omit<NumberFieldProps, "allowDecimal" | "suffix">) {
  const { value, onChange } = props;
  return (
    <NumberField
      {...props}
      allowDecimal
      decimalScale={4}
      inputMode="decimal"
      suffix=" %"
      value={value === null ? null : percentOf(value)}
      onChange={(percent) => {
        onChange(percent === null ? null : shareOf(percent));
      }}
    />
  );
}

/** 0.07 is 7, not 7.000000000000001. */
export function percentOf(share: number): number {
  return Number((share * 100).toFixed(6));
}

/** 7 is 0.07. */
export function shareOf(percent: number): number {
  return Number((percent / 100).toFixed(8));
}

// Exponential moving average without the pull of its beginning, as TensorBoard draws it.
export function smooth(values, weight) {
  let last = 0;
  let norm = 1;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) {
      return value;
    }
    last = last * weight + (1 - weight) * value;
    norm *= weight;
    return last / (1 - norm);
  });
}

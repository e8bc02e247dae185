/** Columns as wide as what stands in them, two spaces apart; a column that is empty throughout is left out. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { style = (text: string) => text }: { style?: (head: string) => string } = {},
): string[] {
  const columns = head.flatMap((title, index) => {
    const cells = rows.map((row) => row[index] ?? "");
    if (cells.every((cell) => cell === "")) return [];
    return [{ title, cells, width: Math.max(...[title, ...cells].map(widthOf)) }];
  });
  const line = (cell: (column: (typeof columns)[number]) => string): string =>
    columns
      .map((column) => cell(column) + " ".repeat(column.width - widthOf(cell(column))))
      .join("  ")
      .trimEnd();
  return [
    style(line(({ title }) => title)),
    ...rows.map((_, row) => line(({ cells }) => cells[row] ?? "")),
  ];
}

/** In characters as people count them. */
function widthOf(text: string): number {
  return Array.from(new Intl.Segmenter().segment(text)).length;
}

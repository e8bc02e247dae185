import { PROGRAMS, sizeOf, type Program, type ProgramName } from "../../tools/sdk_size.ts";
import type { Count, Counted } from "./count.ts";

export async function countSizes(): Promise<Count[]> {
  const names = Object.keys(PROGRAMS) as ProgramName[];
  const entries = names.map(async (name): Promise<Counted> => {
    const program: Program = PROGRAMS[name];
    const { what, limit } = program;
    const figure = await sizeOf(name);
    return limit === undefined ? { what, figure } : { what, figure, limit };
  });
  return [
    {
      name: "sizes",
      title: "The SDK, bundled by esbuild, minified and gzipped",
      unit: "bytes",
      entries: await Promise.all(entries),
    },
  ];
}

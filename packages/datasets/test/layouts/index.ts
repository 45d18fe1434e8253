import { benchmarkExamples } from './benchmarks.js';
import { classFolderExamples } from './classFolders.js';
import type { LayoutExample } from './example.js';
import { labelExamples } from './labels.js';
import { unusualFolderExamples } from './unusualFolders.js';

/** Every layout that imports, in groups, as docs/data.md shows them. */
export const layoutGroups: { title: string; examples: LayoutExample[] }[] = [
  { title: 'Class folders', examples: classFolderExamples },
  { title: 'Class folders that need a remark', examples: unusualFolderExamples },
  { title: 'Classes in tables and file names', examples: labelExamples },
  { title: 'Well-known sets', examples: benchmarkExamples },
];

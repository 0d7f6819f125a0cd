/** Build step: makes the prepared data archive beside the compiled program. Run from `dist/`. */
import { prepareData } from './prepared-data.ts';

await prepareData();

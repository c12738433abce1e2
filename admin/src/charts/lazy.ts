// Drawings that are fetched after the page they are on. What they stand in is as high as they are.
import { lazy } from "../parts/lazy.tsx";
import type { HeatMap as Heat } from "./heat-map.tsx";
import type { TimeChartProps } from "./time-chart.tsx";

export const TimeChart = lazy<TimeChartProps>(() => import("./time-chart.tsx").then((file) => file.TimeChart));
export const Spark = lazy(() => import("./time-chart.tsx").then((file) => file.Spark));
export const HeatMap = lazy<Parameters<typeof Heat>[0]>(() => import("./heat-map.tsx").then((file) => file.HeatMap));

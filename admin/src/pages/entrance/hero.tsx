// The picture beside the sign-in form: the road, its arches, the water.

const FIRST = -38;
const STEP = 118;
const times = (n: number, draw: (at: number) => string): string =>
  Array.from({ length: n }, (_, at) => draw(at)).join("");

const ARCHES = times(7, (at) => `M${FIRST + at * STEP} 410v-28a47 47 0 0 1 94 0v28z`);
const RAIL = times(24, (at) => `M${6 + at * 30} 284v8`);
const REFLECTIONS = times(7, (at) => {
  const x = 56 + at * STEP;
  return `M${x} 418h24M${x + 3} 432h18M${x - 4} 448h30M${x + 6} 468h12`;
});
const WATER =
  "M20 436h60M150 452h90M330 434h70M470 456h110M610 438h80M60 486h130M260 500h60M400 484h150M600 508h80M10 540h70" +
  "M140 556h120M340 540h50M440 566h160M640 546h60M80 600h110M260 612h80M420 604h60M540 616h130";

export const Hero = () => (
  <svg class="hero" viewBox="0 0 720 640" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <circle class="h-sun" cx="520" cy="214" r="54" />
    <path class="h-far" d="M0 268C90 240 150 262 230 246S420 226 500 248 640 236 720 250V292H0z" />
    <path class="h-deck" d="M0 292h720v12H0z" />
    <path class="h-body" d={`M0 303H720V410H0z${ARCHES}`} />
    <path class="h-rail" d={`M0 284h720${RAIL}`} />
    <path class="h-ref" d={REFLECTIONS} />
    <path class="h-water" d={WATER} />
    <path class="h-walk" d="M0 278h720" />
  </svg>
);

// The motif: a road over two arches. The mark, and the small scene of an empty page.

export const Logo = () => (
  <svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
    <path
      class="logo-deck"
      d="M1 5.5h22v4H22V18h-2.5v-2.25a3.25 3.25 0 0 0-6.5 0V18h-2v-2.25a3.25 3.25 0 0 0-6.5 0V18H2V9.5H1z"
    />
    <path class="logo-water" d="M3 21h5M10 21h4M16 21h5" />
  </svg>
);

/** A road with a gap where the next thing goes. */
export const Scene = () => (
  <svg class="scene" viewBox="0 0 200 56" aria-hidden="true">
    <path class="t" d="M6 22h52M142 22h52" />
    <path class="gap t" d="M58 22h84" />
    <path d="M14 40v-4a12 12 0 0 1 24 0v4M162 40v-4a12 12 0 0 1 24 0v4" />
    <path class="w" d="M4 50h40M56 50h24M92 50h34M140 50h56" />
  </svg>
);

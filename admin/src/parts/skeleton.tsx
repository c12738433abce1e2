// Lines that keep the shape of a text while it loads.

export const Skeleton = () => (
  <div class="stack" role="status" aria-label="Loading">
    <span class="skel w2" />
    <span class="skel w3" />
    <span class="skel w1" />
    <span class="skel w3" />
  </div>
);

// The least a gateway can be on Workers: every request goes on to the upstream unread, over global fetch as ours does.
// It checks no credential. Miniflare puts a small Worker of its own between any Worker and the network: all sides pay it.
export default {
  fetch(request, env) {
    return fetch(env.UPSTREAM + request.url.slice(request.url.indexOf("/", 8)), request);
  },
};

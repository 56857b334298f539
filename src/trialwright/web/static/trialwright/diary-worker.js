// Serves the diary's pages without the network, as they were last seen. It keeps questions and
// looks, never answers: those stand in the page's own storage until they are sent.
const CACHE = "trialwright-diary";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const kept = (request) => {
  const { origin, pathname } = new URL(request.url);
  const ours = origin === self.location.origin;
  return ours && (pathname.startsWith("/diary/") || pathname.startsWith("/static/"));
};

const answer = async (request) => {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    const held = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
    if (held) return held;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && kept(event.request)) {
    event.respondWith(answer(event.request));
  }
});

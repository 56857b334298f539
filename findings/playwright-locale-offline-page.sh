#!/usr/bin/env bash
# playwright 1.65.2 (PyPI) with Debian's Chromium: in a context with a `locale`, a page that the page
# itself put into the cache (`cache.add`) is not found by the service worker when that page is then
# opened, where the server says `Vary: Accept-Language` (as Django's LocaleMiddleware does). The
# locale is put as a header on the request of the navigation alone, so the two requests differ. In a
# context without `locale`, as for a person, it is found. An offline page that works is told as
# broken by tests in a second language; `ignoreVary` in the worker answers the same in both.
set -euo pipefail
command -v chromium >/dev/null || { echo "needs Debian's package chromium"; exit 2; }
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2
"$folder/venv/bin/python" - <<'PY'
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from playwright.sync_api import sync_playwright

WORKER = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
const answer = async (request) => {
  const cache = await caches.open("pages");
  const exact = (await cache.match(request)) ? "found" : "missing";
  const loose = (await cache.match(request, {ignoreVary: true})) ? "found" : "missing";
  const said = `${exact}, ${loose} with ignoreVary; header ${request.headers.get("accept-language")}`;
  return new Response(said, {headers: {"content-type": "text/plain"}});
};
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(answer(event.request));
});
"""


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        worker = self.path == "/worker.js"
        body = WORKER.encode() if worker else b"<p>The page</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if worker else "text/html")
        if self.path == "/page":
            self.send_header("Vary", "Accept-Language")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
base, seen = f"http://localhost:{server.server_port}", {}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
    )
    print("playwright", version("playwright"), "chromium", browser.version)
    for locale in (None, "zh-CN"):
        page = browser.new_context(**({"locale": locale} if locale else {})).new_page()
        page.goto(base)
        page.evaluate(
            "navigator.serviceWorker.register('/worker.js')"
            ".then(() => navigator.serviceWorker.ready)"
            ".then(() => navigator.serviceWorker.controller || new Promise((done) => "
            "navigator.serviceWorker.addEventListener('controllerchange', done)))"
            ".then(() => caches.open('pages')).then((cache) => cache.add('/page'))"
        )
        page.goto(f"{base}/page")
        seen[locale] = page.inner_text("body")
        print(f"locale {locale}: {seen[locale]}")
    browser.close()
assert seen[None].startswith("found, found")
assert seen["zh-CN"].startswith("missing, found")
PY
echo "as found"

"""A headless Chromium, spoken to in the WebDriver protocol: nothing but the standard library."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PHONE, DESK = 390, 1280  # pixels


def missing() -> str | None:
    """Why no browser can be had here; None if one can."""
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "no Chromium here (Debian: apt-get install chromium)"
    if not shutil.which("chromedriver"):
        return "no chromedriver here (Debian: apt-get install chromium-driver)"
    return None


def axe_script() -> Path | None:
    """The file of axe-core, if npm has it (``npm install -g axe-core``)."""
    places = [Path("node_modules")]
    if npm := shutil.which("npm"):
        found = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False)
        places.append(Path(found.stdout.strip()))
    files = (place / "axe-core" / "axe.min.js" for place in places)
    return next((file for file in files if file.is_file()), None)


class Browser:
    """One browser with one window."""

    def __init__(self, base: str) -> None:
        self._base = base
        options = {
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
            ],
            "perfLoggingPrefs": {"enableNetwork": True},
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "timeouts": {"script": 120_000},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._base += f"/session/{answer['sessionId']}"

    def close(self) -> None:
        """End the session."""
        self._send("DELETE", "", None)

    def open(self, page: Path) -> None:
        """Load a file; logs before it are dropped."""
        self.log("browser"), self.log("performance")
        self._send("POST", "/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript and return what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script: str) -> Any:
        """Run JavaScript that calls its last argument when it is done."""
        return self._send("POST", "/execute/async", {"script": script, "args": []})

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        """Send a command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Entries since the last call."""
        found: list[dict[str, Any]] = self._send("POST", "/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for since it was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def size(self, width: int, height: int = 900) -> None:
        """Give the page this many pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def media(self, media: str = "screen", scheme: str = "light") -> None:
        """Show the page as on a screen or on paper, light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def screenshot(self, target: Path, clip: dict[str, float] | None = None) -> None:
        """Write a picture of the whole page, or of a part of it, as PNG."""
        parameters: dict[str, Any] = {"captureBeyondViewport": True}
        if clip is None:
            box = self.command("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": box["width"], "height": box["height"]}
        parameters["clip"] = {**clip, "scale": 1}
        target.write_bytes(
            base64.b64decode(self.command("Page.captureScreenshot", parameters)["data"])
        )

    def pdf(self, target: Path) -> None:
        """Print to A4."""
        parameters = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
        target.write_bytes(base64.b64decode(self.command("Page.printToPDF", parameters)["data"]))

    def _send(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(error.read().decode()[:500]) from None


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start a driver on a free port of this machine, and stop it again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        one = _connected(f"http://127.0.0.1:{port}")
        yield one
        one.close()
    finally:
        driver.terminate()
        driver.wait(timeout=30)


def _connected(base: str) -> Browser:
    until = time.monotonic() + 30.0
    while True:
        try:
            return Browser(base)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)

"""A headless Chromium, spoken to in its DevTools protocol: nothing but the standard library."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PHONE, DESK = 375, 1280  # pixels
SECONDS = 120.0  # until an answer is no longer waited for


def program() -> str | None:
    """Where Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str | None:
    """Why no browser can be had here; None if one can."""
    return None if program() else "no Chromium here (Debian: apt-get install chromium)"


def axe_script() -> Path | None:
    """The file of axe-core, if npm has it: ``npm install axe-core`` here, or anywhere with -g."""
    places = [Path("node_modules")]
    if path := os.environ.get("NODE_PATH"):
        places += [Path(place) for place in path.split(os.pathsep)]
    if npm := shutil.which("npm"):
        found = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False)
        places.append(Path(found.stdout.strip()))
    files = (place / "axe-core" / "axe.min.js" for place in places)
    return next((file for file in files if file.is_file()), None)


class Browser:
    """One browser with one page, at the ends of two pipes.

    Messages are JSON and end with a null byte, in both directions.
    """

    def __init__(self, to: int, fro: int) -> None:
        self._to, self._from = to, fro
        self._rest = b""
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._events: list[dict[str, Any]] = []
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        attached = self.command("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that arrive before it are kept."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        while True:
            answer = self._read()
            if answer.get("id") != number:
                self._events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                found: dict[str, Any] = answer["result"]
                return found

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._from, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a file to its end; events before it are dropped."""
        if fragment:  # another fragment of the page that is open would not load it again
            self._load("about:blank")
        self._load(page.resolve().as_uri() + fragment)

    def _load(self, url: str) -> None:
        self._events.clear()
        self.command("Page.navigate", url=url)
        while not any(e.get("method") == "Page.loadEventFired" for e in self._events):
            self._events.append(self._read())

    def downloads_to(self, folder: Path) -> None:
        """Let links that download write into a folder."""
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def run(self, body: str) -> Any:
        """Run the body of an asynchronous JavaScript function and return what it returns."""
        found = self.command(
            "Runtime.evaluate",
            expression=f"(async () => {{{body}\n}})()",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"])[:500])
        return found["result"].get("value")

    def complaints(self) -> list[str]:
        """What the page wrote to the console, or ran into, since it was opened."""
        self.run("await new Promise(done => setTimeout(done, 0))")
        said = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(e["params"])[:300] for e in self._events if e.get("method") in said]

    def requests(self) -> list[str]:
        """Addresses that the page asked for since it was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self._events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def size(self, width: int, height: int = 900) -> None:
        """Give the page this many pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, media: str = "screen", scheme: str = "light") -> None:
        """Show the page as on a screen or on paper, light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)

    def scripts(self, allowed: bool) -> None:
        """Let pages that are opened from now on run scripts, or not."""
        self.command("Emulation.setScriptExecutionDisabled", value=not allowed)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser, and end it."""
    # Chromium reads commands from descriptor 3 and answers on 4: ours must be others.
    ends = [*os.pipe(), *os.pipe()]
    theirs_in, to, fro, theirs_out = (fcntl.fcntl(e, fcntl.F_DUPFD_CLOEXEC, 10) for e in ends)
    for end in ends:
        os.close(end)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                "bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "-",
                str(program()), "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in), os.close(theirs_out)
        try:
            yield Browser(to, fro)
        finally:
            os.close(to), os.close(fro)  # it ends when nobody speaks to it any more
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

"""A headless Chromium that opens a page from disk, runs a test's script in it, and says what the script told."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=1200,900",
)  # fmt: skip


def find_chromium() -> str | None:
    """Debian's name for it, or its makers'."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """Opens pages, each in a profile of its own."""

    def __init__(self, chromium: str, folder: Path) -> None:
        self._chromium = chromium
        self._folder = folder
        self._opened = 0

    def run(self, page: str, script: str, at: str = "") -> dict[str, Any]:
        """Open the page and run the script after its own; it puts what it sees into the object `told`."""
        self._opened += 1
        file = self._folder / f"page{self._opened}.html"
        ending = "</body>"
        assert page.count(ending) == 1
        told = "".join(  # noqa: FLY002 - braces of JavaScript
            (
                '<pre id="-told"></pre><script>(async () => { const told = {}; try {',
                script,
                "} catch (error) { told.error = String(error); }",
                'document.getElementById("-told").textContent = JSON.stringify(told); })();</script>',
                ending,
            )
        )
        file.write_text(page.replace(ending, told), encoding="utf-8")
        profile = self._folder / f"profile{self._opened}"
        command = [self._chromium, *_QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=5000", "--dump-dom"]
        ended = subprocess.run([*command, f"{file.as_uri()}{at}"], capture_output=True, text=True, check=True, timeout=120)
        matched = re.search(r'<pre id="-told">(.*?)</pre>', ended.stdout, flags=re.DOTALL)
        assert matched is not None, ended.stdout[-2000:]
        answer: dict[str, Any] = json.loads(unescape(matched[1]))
        return answer

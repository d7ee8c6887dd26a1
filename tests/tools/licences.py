"""Refuse dependencies under the GPL or without a licence; run by `make licences`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FORBIDDEN = ("GNU General Public", "GPLv2", "GPLv3", "GPL-2", "GPL-3", "AGPL", "Affero")


def main() -> int:
    """Print every dependency that may not be here; the exit status is 1 if there is one."""
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--format=json", "--from=mixed"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    bad = [
        f"{p['Name']} {p['Version']}: {p['License']}"
        for p in packages
        if (any(word in p["License"] for word in FORBIDDEN) and "LGPL" not in p["License"].replace("Lesser", "LGPL"))
        or p["License"] == "UNKNOWN"
    ]
    print("\n".join(bad) or f"{len(packages)} packages, no GPL, none without a licence.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

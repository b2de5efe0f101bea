"""Fetch documents that other people wrote, out of Debian's packages, for `test_real_documents.py`.

Run it once, where apt-get is: `python tests/debian_documents.py`. They stay in the user's cache.
"""

import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs

FOLDER = Path(platformdirs.user_cache_dir("citewell")) / "debian-documents"
# By package: the files of it that tests read.
FILES = {
    "debian-refcard": ["usr/share/doc/debian-refcard/refcard-en-a4.pdf.gz"],
    "glpk-doc": ["usr/share/doc/glpk-doc/cnfsat.pdf"],
    "bash-doc": ["usr/share/doc/bash/bashref.pdf", "usr/share/doc/bash/bashref.html"],
    "r-cran-readxl": ["usr/lib/R/site-library/readxl/extdata/deaths.xlsx"],
}


def fetch() -> None:
    """Download the packages and unpack the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for package, files in FILES.items():
            subprocess.run(["apt-get", "download", "-q", package], cwd=work, check=True)
            subprocess.run(
                ["dpkg-deb", "-x", str(next(work.glob(f"{package}_*.deb"))), str(work / package)], check=True
            )
            for file in files:
                source = work / package / file
                if source.suffix == ".gz":
                    (FOLDER / source.stem).write_bytes(gzip.decompress(source.read_bytes()))
                else:
                    shutil.copy(source, FOLDER)


if __name__ == "__main__":
    if shutil.which("apt-get") is None:
        sys.exit("There is no apt-get here. Run it on Debian or Ubuntu.")
    fetch()
    print(f"Fetched to {FOLDER}")

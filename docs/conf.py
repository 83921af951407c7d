"""How Sphinx makes the site of README.md, docs/ and the pages beside them (CONTRIBUTING.md)."""

import configparser
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_CONFIG = configparser.ConfigParser()
_CONFIG.read(_ROOT / "setup.cfg", encoding="utf-8")

project = _CONFIG["metadata"]["name"]
extensions = ["myst_parser"]
root_doc = "docs/index"
# The source folder is the whole repository, so that every link means here what it means there.
include_patterns = ["*.md", "docs/**.md", "*/LICENSE.md", "models/README.md"]
exclude_patterns = [".*", "build", "dist", "site"]

myst_heading_anchors = 4
suppress_warnings = [
    "toc.no_title",  # the licences are texts without headings
    "myst.header",  # CHANGELOG.md has a `### Added` below each version, as keepachangelog.com asks
]

smartquotes = False
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_copyright = False

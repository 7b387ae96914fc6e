"""The built site: its links, and its pages in a browser. `tox run -e site` runs this folder."""

"""Languages other than English: their glossaries, and how well reports in them are read."""

from collections.abc import Mapping

from extractors.languages.german import GERMAN
from extractors.languages.glossary import Glossary

GLOSSARIES: Mapping[str, Glossary] = {"de": GERMAN}
"""By BCP 47 tag. A language without one is not read; English, that of the patterns, needs none."""

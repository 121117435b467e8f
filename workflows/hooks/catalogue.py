"""The catalogue of what partners may hear: each event, what it means, what its payload holds."""

import re
from collections.abc import Mapping

from workflows.engine.words import EventWords
from workflows.event_forms import KINDS, Form
from workflows.events import Vocabulary

_BLANK = re.compile(r"\{\w+\}")
_HEAD = """# Events that partners hear

Rendered from `playbooks/vocabularies/events.yaml` by `python -m workflows.rendering`; do not edit
by hand. How they are sent, signed and repeated: [webhooks.md](webhooks.md).

Every body has this shape; `payload` holds what the table of its type lists, and any field may be
missing or null: that is "not stated". No name, no finding and no hash is ever in it.

```json
{"type": "offer.presented", "timestamp": "2026-11-23T09:00:00+00:00",
 "data": {"event_id": "01K...", "case_ref": "CFX-26-00017", "seq": 41, "rehearsal": false,
          "payload": {}}}
```

`event_id` is the `webhook-id`. `seq` numbers the events of a case without a gap: who needs them in
order sorts by it, or asks for a case's events one after another. `endpoint.test` is a test, about
no case.
"""


def catalogue(vocabulary: Vocabulary, words: EventWords) -> str:
    """Return the catalogue as Markdown."""
    lines = [_HEAD]
    group = ""
    for name in vocabulary.names():
        if name.partition(".")[0] != group:
            group = name.partition(".")[0]
            lines += [f"## {group}.*", ""]
        lines += [f"### {name}", "", f"{_BLANK.sub('…', words.heading(name))}.", ""]
        fields = told(vocabulary, name)
        if fields:
            lines += ["| field | must be |", "|---|---|"]
            lines += [f"| `{field}` | {_cell(form.said)} |" for field, form in fields.items()]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def told(vocabulary: Vocabulary, name: str) -> Mapping[str, Form]:
    """Return the fields of an event that a partner may have."""
    fields = vocabulary.fields(name).items()
    return {field: form for field, form in fields if form is not KINDS["hash"]}


def _cell(said: str) -> str:
    return said.replace("|", "\\|")

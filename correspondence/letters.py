"""Letter templates as data: `playbooks/letters/<CODE>/meta.yaml`, `<language>/subject.txt` and
`<language>/body.txt` (Jinja2). A field that is not given is an error, never an empty space.

Fields are facts (codes, days, amounts, names); templates and the words of their language
(`correspondence.letter_words`) say them. A language is a folder of templates and a file of words.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BeforeValidator

from correspondence.letter_claims import Block, Facts, inner_of
from correspondence.letter_places import Spoken, spoken
from correspondence.letter_templates import Checked, Rules, compiled, environment_for
from correspondence.letter_words import LetterError, NotTranslated, PlaybookWords, Words, load_words
from correspondence.names import Phrase, phrases_of
from playbook_reader import Document, PlaybookError, Strict, no_text_at, read, read_text

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
WORDS = "words"
"""The folder of the words, beside the folders of the templates."""
FACTS = "facts.yaml"
"""Where the fields of letters come from, and the kinds of sentences that claim nothing."""

Audience = Literal[
    "sender", "patient", "caregiver", "family", "hospital", "home_doctor", "coordinator"
]
Need = Literal["no_promise", "not_advice", "after_call"]

PRIVATE_AUDIENCES: frozenset[Audience] = frozenset({"sender", "patient", "caregiver", "family"})
"""Those whose letters may be read over their shoulder: nothing medical where a preview shows."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished text. `needs` are the rules that lint holds it to."""

    subject: str
    body: str
    template: str
    template_version: str
    language: str
    audience: Audience
    needs: tuple[Need, ...] = ()
    automated: bool = True
    sentences: tuple[tuple[str, str], ...] = ()
    """The required sentences of this language, by need."""
    inner: str = field(default="", repr=False)
    """What stands between its greeting and its end; empty for a letter that marks neither."""
    places: tuple[Spoken, ...] = field(default=(), repr=False)
    """What a letter of this language may send its reader to."""
    own_subject: tuple[Phrase, ...] = field(default=(), repr=False)
    own_body: tuple[Phrase, ...] = field(default=(), repr=False)
    """What the template itself says; the rest of the text was brought in."""

    @property
    def sha256(self) -> str:
        """Hash of subject and body: what a person approves."""
        return hashlib.sha256(f"{self.subject}\n\n{self.body}".encode()).hexdigest()


def _as_fact(value: object) -> object:
    """Turn what a playbook writes as text into the day or moment that a letter is given."""
    if isinstance(value, list):
        return [_as_fact(one) for one in value]
    if isinstance(value, dict):
        return {name: _as_fact(one) for name, one in value.items()}
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


class Sample(Strict):
    """One field of a template: what it holds, and a value to try the template with.

    An `optional` field may be None, "not stated": the template then leaves its sentence out. A
    field with `codes` holds one of them, or a list of them.
    """

    note: str
    sample: Annotated[Any, BeforeValidator(_as_fact)]
    optional: bool = False
    codes: tuple[str, ...] = ()

    def allows(self, value: object) -> bool:
        """Return whether the field may hold this value."""
        if value is None:
            return self.optional
        if not self.codes:
            return True
        values = value if isinstance(value, list | tuple) else [value]
        return all(one in self.codes for one in values)


class Meta(Strict):
    """`meta.yaml` of one template."""

    code: str
    title: str
    audience: Audience
    purpose: str
    version: str
    status: Literal["draft", "adopted"]
    automated: bool
    needs: tuple[Need, ...] = ()
    unbound: str | None = None
    """Why its sentences are not bound to facts yet: a debt, and a test lists those that have it."""
    fields: dict[str, Sample]


class Sentences(Strict):
    """Sentences that some letters must contain word for word, in one language."""

    no_promise: str
    not_advice: str
    preview: str
    closing: str
    for_other: str
    """To who reads a letter for the patient: whom it speaks to."""

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The sentences as words that letters have by themselves."""
        return phrases_of(
            self.no_promise, self.not_advice, self.preview, self.closing, self.for_other
        )


@dataclass(frozen=True, slots=True)
class _Text:
    subject: Checked
    body: Checked
    own_subject: tuple[Phrase, ...]
    own_body: tuple[Phrase, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Language:
    """What all letters in one language are written with."""

    words: Words
    environment: ImmutableSandboxedEnvironment
    said: tuple[Phrase, ...]
    places: tuple[Spoken, ...]

    @classmethod
    def of(cls, words: Words, known: Document, facts: Facts) -> "_Language":
        """Raise PlaybookError for a place that the language has no words for."""
        try:
            places = spoken(facts.places, words.language)
        except KeyError:
            raise known.error(("places",), f"a place has no words in {words.language}") from None
        said = phrases_of(*words.texts(), repeats=True)
        return cls(words, environment_for(words), said, places)


class Letters:
    """All templates of a folder, checked when loaded."""

    def __init__(
        self,
        metas: Mapping[str, Meta],
        texts: Mapping[tuple[str, str], _Text],
        sentences: Mapping[str, Sentences],
        facts: Facts,
    ) -> None:
        """Use `Letters.load`."""
        self._facts = facts
        self._metas = metas
        self._texts = texts
        self._sentences = sentences
        self._places = {language: spoken(facts.places, language) for _, language in texts}

    @classmethod
    def load(cls, folder: Path, playbooks: PlaybookWords | None = None) -> "Letters":
        """Read `playbooks/letters`. Raises PlaybookError naming the file and line.

        `playbooks` are the groups of words whose English stands in another playbook.
        """
        sentences = _load_sentences(folder / "sentences.yaml")
        known = read(folder / FACTS, f"letters/{FACTS}")
        facts = known.validate(Facts)
        words = load_words(folder / WORDS, playbooks or {})
        languages = {language: _Language.of(one, known, facts) for language, one in words.items()}
        metas: dict[str, Meta] = {}
        texts: dict[tuple[str, str], _Text] = {}
        for entry in sorted(folder.iterdir()):
            if not entry.is_dir() or entry.name == WORDS:
                continue
            document = read(entry / "meta.yaml", f"letters/{entry.name}/meta.yaml")
            meta = document.validate(Meta)
            if meta.code != entry.name:
                raise document.error(("code",), f"stands in folder {entry.name}")
            for name, one in meta.fields.items():
                if not one.allows(one.sample):
                    raise document.error(("fields", name), f"{name}: its sample is no code")
            for name in meta.fields:
                if meta.unbound is None and not facts.sources(meta.code, name):
                    raise known.error(("fields",), f"{meta.code}.{name}: says not where it is from")
            metas[meta.code] = meta
            for language in sorted(path for path in entry.iterdir() if path.is_dir()):
                if language.name not in sentences:
                    raise PlaybookError(
                        "letters/sentences.yaml",
                        None,
                        f"no sentences in {language.name}",
                        mend="translate those of en",
                    )
                if language.name not in words:
                    raise PlaybookError(
                        f"letters/{WORDS}",
                        None,
                        f"no words in {language.name}",
                        mend=f"add {language.name}.yaml",
                    )
                texts[meta.code, language.name] = _load_text(
                    languages[language.name], language, meta, facts
                )
            if (meta.code, "en") not in texts:
                raise document.error((), f"{meta.code} has no English master", "write it in en/")
        return cls(metas, texts, sentences, facts)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all templates, sorted."""
        return tuple(sorted(self._metas))

    def meta(self, code: str) -> Meta:
        """Return what is known about a template; raise LetterError for an unknown code."""
        try:
            return self._metas[code]
        except KeyError:
            raise LetterError(f"there is no letter {code}") from None

    def languages(self, code: str) -> tuple[str, ...]:
        """Return the languages that a template exists in, sorted."""
        return tuple(sorted(language for c, language in self._texts if c == code))

    def blocks(self, code: str, language: str = "en") -> tuple[Block, ...]:
        """Return the bound pieces of a letter: of its subject, then of its body."""
        return self._texts[code, language].blocks

    def sources(self, code: str, field: str) -> tuple[str, ...]:
        """Return where a field's value comes from, as `facts.yaml` says it."""
        return self._facts.sources(code, field)

    def preview(self, language: str) -> str:
        """Return the line that private letters in a language begin with."""
        return self._sentences[language].preview

    def samples(self, code: str) -> dict[str, Any]:
        """Return the template's sample fields (for tests, previews and the rehearsal)."""
        return {name: field.sample for name, field in self.meta(code).fields.items()}

    def render(self, code: str, fields: Mapping[str, object], language: str = "en") -> Letter:
        """Write one letter.

        Every field of `meta.yaml` must be given and, unless it is optional, hold something; more
        may be given. Raises LetterError for an unknown code, a language that the letter does not
        exist in (a person must write it then), a field that is missing or empty, and a subject
        that no fact bears: such a letter has nothing to tell.
        """
        meta = self.meta(code)
        text = self._texts.get((code, language))
        if text is None:
            raise LetterError(f"{code} does not exist in {language}")
        wrong = sorted(
            name
            for name, field in meta.fields.items()
            if name not in fields or not field.allows(fields[name])
        )
        if wrong:
            raise LetterError(f"{code} needs {', '.join(wrong)}")
        sentences = self._sentences[language]
        values = {**fields, "sentences": sentences}
        try:
            subject = text.subject.render(values)
            body, inner = inner_of(text.body.render(values))
        except LetterError as error:
            raise type(error)(f"{code}: {error}") from None
        except (TemplateError, TypeError, AttributeError) as error:
            raise LetterError(f"{code}: {_reason(error)}") from None
        if not subject.strip():
            raise LetterError(f"{code}: nothing bears its subject")
        return replace(
            self.of_text(code, subject, body, language), inner=_tidy(inner) if inner.strip() else ""
        )

    def write(self, code: str, fields: Mapping[str, object], wanted: str) -> Letter:
        """Return the letter in the wanted language, or in English when it cannot be said in it.

        Raises LetterError as `render` does.
        """
        try:
            return self.render(code, fields, self.language_for(code, wanted))
        except NotTranslated:
            return self.render(code, fields)

    def of_text(self, code: str, subject: str, body: str, language: str = "en") -> Letter:
        """Return a text that a person may have edited as the letter it claims to be, for lint.

        Raises LetterError for an unknown code or language.
        """
        meta = self.meta(code)
        sentences = self._sentences.get(language)
        if sentences is None:
            raise LetterError(f"{code} does not exist in {language}")
        text = self._texts.get((code, language))
        return Letter(
            # A line break in a subject would be a header of somebody else's making.
            subject=" ".join(subject.split()),
            body=_tidy(body),
            template=code,
            template_version=meta.version,
            language=language,
            audience=meta.audience,
            needs=meta.needs,
            automated=meta.automated,
            sentences=(("no_promise", sentences.no_promise), ("not_advice", sentences.not_advice)),
            places=self._places.get(language, ()),
            own_subject=text.own_subject if text else (),
            own_body=(*text.own_body, *sentences.phrases) if text else (),
        )

    def language_for(self, code: str, wanted: str) -> str:
        """Return `wanted` when the letter exists in it, else English."""
        return wanted if (code, wanted) in self._texts else "en"


def _load_sentences(path: Path) -> dict[str, Sentences]:
    document = read(path, f"letters/{path.name}")
    if not isinstance(document.data, dict):
        raise document.error((), "must map languages to sentences", "begin with en:")
    return {language: document.validate(Sentences, (language,)) for language in document.data}


def _load_text(language: _Language, folder: Path, meta: Meta, facts: Facts) -> _Text:
    parts: list[tuple[Checked, tuple[Phrase, ...]]] = []
    blocks: list[Block] = []
    fields = {name: field.codes for name, field in meta.fields.items()}
    rules = Rules(fields, facts.says, language.places, unbound=meta.unbound is not None)
    english = folder.parent / "en"
    for name in ("subject.txt", "body.txt"):
        where = f"letters/{meta.code}/{folder.name}/{name}"
        source = read_text(folder / name, where)
        if not source.strip():
            raise PlaybookError(where, None, "is empty", mend="write the text of the letter")
        if (line := no_text_at(source)) is not None:
            raise PlaybookError(where, line, "a character that is no text", mend="remove it")
        master = (english / name).read_text("utf-8") if folder != english else None
        template, bound, own = compiled(
            language.environment,
            source,
            where,
            language.words,
            rules,
            master,
            is_body=name == "body.txt",
        )
        blocks += bound
        parts.append((template, (*own, *language.said)))
    (subject, own_subject), (body, own_body) = parts
    return _Text(subject, body, own_subject, own_body, tuple(blocks))


def _reason(error: Exception) -> str:
    """Say what is wrong without values: an undefined name is safe to show, other texts are not."""
    message = (error.message or "") if isinstance(error, TemplateError) else ""
    if message.endswith("is undefined") or "has no attribute" in message:
        return message
    return type(error).__name__


def _tidy(body: str) -> str:
    """Return the body with at most one empty line in a row, no trailing spaces, one newline."""
    lines: list[str] = []
    for line in body.strip().splitlines():
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"

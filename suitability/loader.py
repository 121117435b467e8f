"""Strict loading of the criteria playbooks: what is not understood is refused, never skipped."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from playbook_reader import PlaybookError as UnreadableFile
from playbook_reader import plain_text, read_text
from suitability.criteria import (
    ANY_ABDOMINOPELVIC,
    ANY_SITE,
    BASES,
    EVIDENCE_KINDS,
    PHASES,
    SITES,
    TECHNIQUES,
    CasePolicy,
    CriteriaSet,
    Criterion,
    Evidence,
    Library,
    Several,
    Statement,
    TechniqueRule,
)
from suitability.errors import PlaybookError
from suitability.loader_criterion import load_criterion
from suitability.loader_policy import load_capability, load_policy
from suitability.nodes import Node, parse_yaml
from suitability.predicates import parse_predicate
from suitability.rollup import COMMON
from suitability.vocabulary import Vocabulary, load_vocabulary

VOCABULARY_FILE = "vocabularies/findings.yaml"
CRITERIA_FOLDER = "criteria"
SOURCES_FILE = "sources.yaml"
POLICY_FILE = "case_policy.yaml"
CAPABILITY_FILE = "capability.yaml"
FOLLOWUP_FILE = "followup.yaml"
_NOT_SETS = {SOURCES_FILE, POLICY_FILE, CAPABILITY_FILE, FOLLOWUP_FILE}
ALWAYS_THERE = (COMMON, "breast_postop_recheck", "abdominopelvic_postop_recheck")
"""Without the first nothing stops a pathway; without the others final pathology is not weighed."""

KINDS = ("gate", "grading", "trigger", "reference")
CEILINGS = ("experimental_mdt_only",)
_REQUIRED = ("id", "version", "title", "site", "technique", "kind", "effective", "status",
             "citations", "criteria")  # fmt: skip
_OPTIONAL = ("phase", "superseded_by", "evidence_level", "ceiling", "banners", "facts", "levels",
             "strengths", "technique_rules", "several", "rests_on", "caution", "note")  # fmt: skip
_VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)
_APPROVED = re.compile(r"approved\(([^()]*),\s*([^(),]*)\)")
_STATUS_WORDS = ("draft_needs_clinical_signoff", "historical")
_SOURCE_KEYS = ("title", "check", "seen_at", "doi", "pmid", "registry", "ids", "kind")

Sources = Mapping[str, Mapping[str, Any]]


def load_library(folder: Path) -> Library:
    """Load and check `folder` (the playbooks): vocabulary, sources, criteria sets, policy.

    Raises PlaybookError naming file, line and mend at the first thing that is not understood.
    """
    return library_from_texts(playbook_texts(folder))


def playbook_texts(folder: Path) -> dict[str, str]:
    """Read the texts that make a library, by their path inside the playbooks folder."""
    criteria = folder / CRITERIA_FOLDER
    paths = [folder / VOCABULARY_FILE, *sorted(criteria.glob("*.yaml"))]
    if len(paths) == 1:
        raise PlaybookError("no criteria sets found", file=str(criteria), mend="check the folder")
    texts: dict[str, str] = {}
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            texts[name] = read_text(path, name)
        except UnreadableFile as problem:
            raise PlaybookError(
                problem.reason, file=name, line=problem.line, mend=problem.mend
            ) from None
    return texts


def library_from_texts(texts: Mapping[str, str]) -> Library:
    """Build a library from texts by path (see `playbook_texts`); raises PlaybookError."""
    needed = (VOCABULARY_FILE, *(f"{CRITERIA_FOLDER}/{n}" for n in sorted(_NOT_SETS)))
    for name in needed:
        if name not in texts:
            raise PlaybookError("the file is missing", file=name, mend="put it back")
    vocabulary = load_vocabulary(texts[VOCABULARY_FILE], file=VOCABULARY_FILE)
    path = f"{CRITERIA_FOLDER}/{SOURCES_FILE}"
    sources = load_sources(texts[path], file=path)
    sets: dict[str, CriteriaSet] = {}
    seen: dict[str, str] = {}
    for name, text in texts.items():
        short = name.rpartition("/")[2]
        if not name.startswith(f"{CRITERIA_FOLDER}/") or short in _NOT_SETS:
            continue
        one = load_set(text, file=name, vocabulary=vocabulary, sources=sources)
        if one.id in sets:
            raise PlaybookError(
                f"set id `{one.id}` is already used by {sets[one.id].file}",
                file=name,
                line=1,
                mend="ids are never reused; choose another",
            )
        sets[one.id] = one
        for criterion in one.criteria:
            if criterion.id in seen:
                raise PlaybookError(
                    f"criterion id `{criterion.id}` is already used in {seen[criterion.id]}",
                    file=name,
                    line=criterion.line,
                    mend="ids are unique over all sets",
                )
            seen[criterion.id] = name
    for one in sets.values():
        if one.superseded_by is not None and one.superseded_by not in sets:
            raise PlaybookError(
                f"superseded_by names unknown set `{one.superseded_by}`",
                file=one.file,
                mend="name a set or remove the key",
            )
    for wanted in ALWAYS_THERE:
        if wanted not in sets:
            name = f"{CRITERIA_FOLDER}/{wanted}.yaml"
            raise PlaybookError("the file is missing", file=name, mend="put it back")
    policy = _policy(texts, sets)
    capability_file = f"{CRITERIA_FOLDER}/{CAPABILITY_FILE}"
    capability = load_capability(
        parse_yaml(texts[capability_file], file=capability_file, error=PlaybookError), sources
    )
    followup_file = f"{CRITERIA_FOLDER}/{FOLLOWUP_FILE}"
    parse_yaml(texts[followup_file], file=followup_file, error=PlaybookError)
    return Library(vocabulary, sets, policy, capability, sources)


def _policy(texts: Mapping[str, str], sets: Mapping[str, CriteriaSet]) -> CasePolicy:
    file = f"{CRITERIA_FOLDER}/{POLICY_FILE}"
    text = texts[file]
    return load_policy(
        parse_yaml(text, file=file, error=PlaybookError), sets, sha256=text_hash(text)
    )


def text_hash(text: str) -> str:
    """Return the SHA-256 of a playbook's text (UTF-8), in hexadecimal, as `plain_text` has it."""
    return hashlib.sha256(plain_text(text).encode()).hexdigest()


def load_sources(text: str, *, file: str) -> Sources:
    """Load the register of citations; every entry has a title and says how it was checked."""
    top = parse_yaml(text, file=file, error=PlaybookError).mapping("sources", ("sources",), ())
    loaded: dict[str, Mapping[str, Any]] = {}
    for name, node in top["sources"].mapping("sources").items():
        keys = node.mapping(f"source `{name}`", ("title", "check", "seen_at"), _SOURCE_KEYS)
        keys["title"].text(f"title of `{name}`")
        keys["check"].one_of(f"check of `{name}`", ("verified", "partial", "recalled", "not_read"))
        loaded[name] = node.plain()
    return loaded


def load_set(text: str, *, file: str, vocabulary: Vocabulary, sources: Sources) -> CriteriaSet:
    """Load one criteria set; raises PlaybookError with file, line and mend."""
    text = plain_text(text)
    root = parse_yaml(text, file=file, error=PlaybookError)
    keys = root.mapping("the criteria set", _REQUIRED, _OPTIONAL)
    identifier = keys["id"].text("id")
    kind = keys["kind"].one_of("kind", KINDS)
    phase = keys["phase"].one_of("phase", PHASES) if "phase" in keys else None
    if (phase is None) != (kind == "reference"):
        root.fail(f"a {kind} set and `phase` do not go together", "phase: preop or postop")
    if (kind == "trigger") != (phase == "postop"):
        keys["phase"].fail(f"a {kind} set cannot be {phase}", "triggers are postop, others preop")
    levels = _names(keys, "levels", needed=kind == "grading")
    strengths = _names(keys, "strengths", needed=kind == "trigger")
    nodes = keys["criteria"].sequence("criteria", empty_ok=kind == "reference")
    criteria: list[Criterion] = []
    for node in nodes:
        criterion = load_criterion(
            node,
            kind=kind,
            levels=levels,
            strengths=strengths,
            vocabulary=vocabulary,
            sources=sources,
        )
        if any(criterion.id == other.id for other in criteria):
            node.fail(f"criterion id `{criterion.id}` stands twice", "ids are unique over all sets")
        criteria.append(criterion)
    return CriteriaSet(
        id=identifier,
        version=_version(keys["version"]),
        title=keys["title"].text("title"),
        site=keys["site"].one_of("site", (*SITES, ANY_SITE, ANY_ABDOMINOPELVIC)),
        techniques=tuple(
            item.one_of("technique", (*TECHNIQUES, "any_pbi"))
            for item in keys["technique"].sequence("technique")
        ),
        kind=kind,
        phase=phase,
        effective=_date(keys["effective"]),
        superseded_by=keys["superseded_by"].text("superseded_by")
        if "superseded_by" in keys
        else None,
        status=_status(keys["status"]),
        citations=cited(keys["citations"], "citations", sources),
        evidence_level=keys["evidence_level"].text("evidence_level")
        if "evidence_level" in keys
        else "",
        ceiling=keys["ceiling"].one_of("ceiling", CEILINGS) if "ceiling" in keys else None,
        caution=keys["caution"].text("caution") if "caution" in keys else "",
        banners=_banners(keys, sources),
        facts=_facts(keys, sources),
        levels=levels,
        strengths=strengths,
        technique_rules=_technique_rules(keys, levels, vocabulary, sources),
        several=_several(keys, levels, sources),
        rests_on=_rests_on(keys, kind, sources),
        criteria=tuple(criteria),
        file=file,
        text=text,
        sha256=text_hash(text),
    )


def _names(keys: Mapping[str, Node], key: str, *, needed: bool) -> tuple[str, ...]:
    if key not in keys:
        if needed:
            keys["kind"].fail(f"this kind of set lists its `{key}`", f"add `{key}: [...]`")
        return ()
    if not needed:
        keys[key].fail(f"`{key}` does not belong to this kind of set", "remove it")
    names = tuple(item.text(key) for item in keys[key].sequence(key))
    if len(set(names)) != len(names):
        keys[key].fail(f"`{key}` lists a name twice", "remove one")
    return names


def _date(node: Node) -> date:
    try:
        return date.fromisoformat(node.text("effective"))
    except ValueError:
        node.fail(f"effective `{node.value}` is no date", "write it as 2026-11-23")


def _version(node: Node) -> str:
    version = node.text("version")
    if _VERSION.fullmatch(version) is None:
        node.fail(f"version `{version[:40]}` is no version", "write three numbers, such as 0.2.0")
    return version


def _status(node: Node) -> str:
    status = node.text("status")
    if status in _STATUS_WORDS:
        return status
    words = f"use {', '.join(_STATUS_WORDS)} or approved(name, date)"
    said = _APPROVED.fullmatch(status)
    if said is None:
        node.fail(f"status `{status[:80]}` is not known", words)
    name, day = said.groups()
    if not any(sign.isalpha() for sign in name):
        node.fail(f"status `{status[:80]}` names nobody", "write the clinician's name")
    try:
        date.fromisoformat(day)
    except ValueError:
        node.fail(f"`{day[:40]}` in the status is no date", "write it as 2026-11-23")
    return status


def cited(node: Node, what: str, sources: Sources) -> tuple[str, ...]:
    """Return the source ids listed; each must be registered and there is at least one."""
    names = tuple(item.text(what) for item in node.sequence(what))
    for name, item in zip(names, node.value, strict=True):
        if name not in sources:
            item.fail(f"unknown source `{name}` in {what}", f"register it in {SOURCES_FILE}")
    return names


def _statement(node: Node, what: str, sources: Sources) -> Statement:
    return _said(node.mapping(what, ("text", "basis", "src"), ("note",)), what, sources)


def _said(keys: Mapping[str, Node], what: str, sources: Sources) -> Statement:
    return Statement(
        keys["text"].text(f"text of {what}"),
        keys["basis"].one_of(f"basis of {what}", BASES),
        cited(keys["src"], f"src of {what}", sources),
        keys["note"].text("note") if "note" in keys else "",
    )


def _banners(keys: Mapping[str, Node], sources: Sources) -> tuple[Statement, ...]:
    if "banners" not in keys:
        return ()
    return tuple(_statement(n, "a banner", sources) for n in keys["banners"].sequence("banners"))


def _facts(keys: Mapping[str, Node], sources: Sources) -> dict[str, Statement]:
    if "facts" not in keys:
        return {}
    nodes = keys["facts"].mapping("facts")
    return {name: _statement(node, f"fact `{name}`", sources) for name, node in nodes.items()}


def _several(keys: Mapping[str, Node], levels: tuple[str, ...], sources: Sources) -> Several | None:
    if "several" not in keys:
        return None
    node = keys["several"]
    if not levels:
        node.fail("`several` belongs to a grading set", "remove it")
    parts = node.mapping("several", ("at_least", "of", "level", "text", "basis", "src"), ("note",))
    at_least = parts["at_least"].number("at_least of several")
    if at_least not in range(2, 100):
        parts["at_least"].fail("at_least of several is no count", "write 2 or more")
    of = parts["of"].one_of("of in several", levels)
    level = parts["level"].one_of("level in several", levels)
    if levels.index(level) <= levels.index(of):
        parts["level"].fail("level in several is no worse than `of`", "name a worse level")
    said = _said(parts, "several", sources)
    return Several(int(at_least), of, level, said)


def _rests_on(keys: Mapping[str, Node], kind: str, sources: Sources) -> Evidence | None:
    if "rests_on" not in keys:
        return None
    node = keys["rests_on"]
    if kind != "gate":
        node.fail(f"`rests_on` does not belong to a {kind} set", "remove it")
    parts = node.mapping("rests_on", ("kind", "text", "basis", "src"), ("note",))
    evidence = parts["kind"].one_of("kind of rests_on", EVIDENCE_KINDS)
    made = Evidence(evidence, _said(parts, "rests_on", sources))
    if not made.carries_a_fit and "ceiling" not in keys:
        node.fail(
            f"a set that rests on `{evidence}` has no `ceiling`, so a match would be a plain fit",
            f"add `ceiling: {CEILINGS[0]}`",
        )
    return made


def _technique_rules(
    keys: Mapping[str, Node], levels: tuple[str, ...], vocabulary: Vocabulary, sources: Sources
) -> tuple[TechniqueRule, ...]:
    if "technique_rules" not in keys:
        return ()
    rules = []
    for node in keys["technique_rules"].sequence("technique_rules"):
        what = "a technique rule"
        parts = node.mapping(
            what, ("technique", "needs_level", "needs", "text", "basis", "src"), ()
        )
        rules.append(
            TechniqueRule(
                parts["technique"].one_of(f"technique of {what}", TECHNIQUES),
                parts["needs_level"].one_of(f"needs_level of {what}", levels),
                parse_predicate(parts["needs"], what, vocabulary),
                parts["text"].text(f"text of {what}"),
                parts["basis"].one_of(f"basis of {what}", BASES),
                cited(parts["src"], f"src of {what}", sources),
            )
        )
    return tuple(rules)

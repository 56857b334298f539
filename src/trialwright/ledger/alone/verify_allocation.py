"""Find every arm of a study again, with Python's standard library alone.

    python3 verify_allocation.py EXPORT.jsonl --study-key HEX [--list FILE.csv]

For a study that has closed: the export of its ledger with the restricted chain, and the study's key
from the custodian. The random numbers that were sealed at activation, with the terms of the
allocation and what was known of each participant, give each place's arm; it is compared with the
arm that the ledger says was given. Written from docs/adr/0030 (random numbers), 0085
(terms), 0103 (later allocations) and 0134 (lists drawn outside, which can't be drawn again: the
places are compared with what was sealed when the list was uploaded and, with --list, with the file
that its author kept) and 0137 (dose cohorts that are randomised).
Exit code 0: all arms are as recomputed; 1: findings; 2: can't read.
"""

import argparse
import csv
import hashlib
import hmac
import io
import json
import sys
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from verify_ledger import opened_value

WORD = 2**64
READ = ("slot", "allocation_source", "uploaded_list")


class Stream:
    """Random whole numbers of a seed and a context: HMAC-SHA-256 in counter mode (ADR 0030)."""

    def __init__(self, seed, *context):
        self.mac = hmac.new(seed, b"trialwright stream 1", hashlib.sha256)
        for text in context:
            encoded = text.encode()
            self.mac.update(len(encoded).to_bytes(8, "big") + encoded)
        self.count, self.words = 0, []

    def word(self):
        if not self.words:
            mac = self.mac.copy()
            mac.update(self.count.to_bytes(8, "big"))
            block = mac.digest()
            self.words = [int.from_bytes(block[at : at + 8], "big") for at in (24, 16, 8, 0)]
            self.count += 1
        return self.words.pop()

    def below(self, n):
        word = self.word()
        while word >= WORD - WORD % n:
            word = self.word()
        return word % n

    def among(self, arms, ratio):
        """One of these arms, by their shares of the ratio."""
        place = self.below(sum(ratio[arm - 1] for arm in arms))
        for arm in arms:
            place -= ratio[arm - 1]
            if place < 0:
                return arm


def blocks(seed, terms, name, length):
    """The arms of one list of permuted blocks."""
    stream = Stream(seed, terms["specification"], name)
    ratio, run_in, arms = terms["ratio"], list(terms["run_in"]), []
    while len(arms) < length:
        if name == "run-in":
            size = run_in.pop(0)
        else:
            sizes = terms["block_sizes"]
            size = sizes[0] if len(sizes) == 1 else sizes[stream.below(len(sizes))]
        unit = size // sum(ratio)
        block = [arm for arm, part in enumerate(ratio, 1) for _ in range(part * unit)]
        for i in range(len(block) - 1, 0, -1):
            j = stream.below(i + 1)
            block[i], block[j] = block[j], block[i]
        arms += block
    return arms[:length]


def simple(seed, terms, numbers):
    """Arms drawn each alone."""
    every = range(1, len(terms["ratio"]) + 1)
    return [
        Stream(seed, terms["specification"], str(number - 1)).among(every, terms["ratio"])
        for number in numbers
    ]


def spread(counts, measure):
    if measure == "range":
        return max(counts) - min(counts)
    mean = sum(counts, Fraction(0)) / len(counts)
    return sum(((count - mean) ** 2 for count in counts), Fraction(0)) / (len(counts) - 1)


def minimised(seed, terms, numbers, strata):
    """Arms that keep the levels even; a biased coin is the same over one factor, the stratum."""
    arms = []
    for count, number in enumerate(numbers, 1):
        arms.append(minimised_next(seed, terms, arms, strata[:count], number))
    return arms


def minimised_next(seed, terms, given, strata, number):
    """The arm of the last of these strata, at a place; the others were given these arms."""
    ratio, chance = terms["ratio"], Fraction(terms["probability"])
    coin = terms["kind"] == "biased_coin"
    *profiles, profile = [(each,) if coin else tuple(each.split("/")) for each in strata]
    every = range(1, len(ratio) + 1)
    left = {}
    for arm in every:
        total = Fraction(0)
        for f, level in enumerate(profile):
            counts = [0] * len(ratio)
            counts[arm - 1] = 1
            for other, taken in zip(profiles, given):
                counts[taken - 1] += other[f] == level
            scaled = [Fraction(count, part) for count, part in zip(counts, ratio)]
            total += terms["weights"][f] * spread(scaled, terms["measure"])
        left[arm] = total
    least = [arm for arm in every if left[arm] == min(left.values())]
    others = [arm for arm in every if arm not in least]
    stream = Stream(seed, terms["specification"], str(number - 1))
    among = least
    if others and stream.below(chance.denominator) >= chance.numerator:
        among = others
    return stream.among(among, ratio)


def in_cohorts(seed, terms, numbers, strata):
    """Arms of the free places of dose cohorts, in each so many at the dose and on the control."""
    arms = []
    for count, (number, stratum) in enumerate(zip(numbers, strata)):
        earlier = list(zip(strata[:count], arms))
        arms.append(next_in_cohort(seed, terms, earlier, stratum, number))
    return arms


def next_in_cohort(seed, terms, earlier, stratum, number):
    """The arm at a place, after the strata and arms of those before it."""
    cohort, level, rest = stratum.split("/")
    sizes, *left = rest.split("-")
    size, controls = map(int, sizes.split("+"))
    own = [arm for other, arm in earlier if other.split("/")[0] == cohort]
    there = [arm for count, arm in enumerate(own, 1) if str(count) not in left]
    control = len(terms["ratio"])
    dose = max(0, size - sum(arm != control for arm in there))
    free = dose + max(0, controls - there.count(control))
    stream = Stream(seed, terms["specification"], str(number - 1))
    return int(level) if stream.below(free) < dose else control


def recorded(export, key):
    """The source of the arms, and each place: its list, its number, its stratum, its arm."""
    places, uploads, source = defaultdict(dict), defaultdict(dict), None
    for text in export:
        row = json.loads(text)
        if row.get("entity") not in READ or not row["new"]:
            continue
        stored = (row.get("values") or {}).get("new")
        if stored is None:
            raise ValueError(f"row {row['seq']} has no value: export the ledger with its values")
        if "sealed" in stored:
            pair = opened_value(key, row, "new", bytes.fromhex(stored["sealed"]))
            if pair is None:
                raise ValueError(f"row {row['seq']} doesn't open with this study key")
            value = pair[1][1:].decode()
        else:
            value = stored["text"]
        if row["entity"] == "slot":
            places[row["id"]][row["field"]] = value
        elif row["entity"] == "uploaded_list":
            uploads[row["id"]][row["field"]] = value
        elif row["field"] == "sealed":
            source = json.loads(value)
    if source is not None:
        source["uploads"] = [
            each | json.loads(each["sealed"])
            for each in sorted(uploads.values(), key=lambda each: int(each["number"]))
        ]
    return source, list(places.values())


def verify(export, key, outside=None):
    """All findings, as sentences, and how many places were recomputed.

    outside: the bytes of the file that the author of an uploaded list kept.
    """
    source, places = recorded(export, key)
    if source is None:
        return ["the export has no sealed random numbers: nothing can be recomputed"], 0
    findings = compared(source, places)
    if outside is not None:
        findings += compared_with_file(source, outside)
    return findings, len(places)


def compared(source, places):
    """Where the arm that was given isn't the one that the random numbers give."""
    seed, terms = bytes.fromhex(source["seed"]), source["terms"]
    lists = defaultdict(list)
    for place in sorted(places, key=lambda place: int(place["place"])):
        lists[place["list_name"]].append(place)
    groups = [(each, lists_of(each, lists)) for each in source.get("groups", ())]
    again = [(each, lists.pop(each["key"] + ":", [])) for each in source.get("again", ())]
    held = {
        place["participant_id"]: int(place["arm"])
        for taken in (*lists.values(), *(t for _each, own in groups for t in own.values()))
        for place in taken
        if place.get("participant_id")
    }
    findings = entered(seed, terms, source["lists"], lists) if terms else []
    findings += [
        f"the list {each['sha256']} was sealed at activation, and isn't the last that was uploaded"
        for each in external_terms(source)
        if uploaded_otherwise(source, each)
    ]
    for each, own in groups:
        findings += entered(bytes.fromhex(each["seed"]), each["terms"], each["lists"], own)
    for each, taken in again:
        findings += allocated_again(each, taken, held)
        held |= {place["participant_id"]: int(place["arm"]) for place in taken}
    return findings


def external_terms(source):
    """The terms of the allocations whose lists were drawn outside."""
    every = [source["terms"], *(each["terms"] for each in source.get("groups", ()))]
    return [terms for terms in every if terms and terms["kind"] == "external"]


def named(lists, keys):
    """Lists of arms by their numbers, as lists of the arms' keys."""
    return {name: [keys[int(arm) - 1] for arm in arms] for name, arms in lists.items()}


def uploaded_otherwise(source, terms):
    """Whether the list that was sealed at activation isn't the last that was uploaded; where none
    was, it was invented for a demonstration."""
    own = [each for each in source["uploads"] if each["allocation"] == terms["allocation"]]
    if not own:
        return bool(terms["sha256"])
    drawn = named(terms["drawn"], terms["keys"])
    last = own[-1]
    return last["sha256"] != terms["sha256"] or named(last["lists"], last["arms"]) != drawn


def compared_with_file(source, outside):
    """Where the list that was sealed isn't that of a file, byte for byte and place by place."""
    digest = hashlib.sha256(outside).hexdigest()
    for terms in external_terms(source):
        if terms["sha256"] == digest:
            return (
                []
                if of_file(outside, terms["columns"]) == named(terms["drawn"], terms["keys"])
                else ["the list that was sealed has other places than the file"]
            )
    return [f"no list of the study is that of the file, whose SHA-256 is {digest}"]


def of_file(outside, columns):
    """The lists of a file, by stratum; `columns` are the factors, in the protocol's order, then
    the place and the arm. Those of the file may stand in another order."""
    text = outside.decode("utf-8-sig")
    mark = next(each for each in ",;\t" if each in text.partition("\n")[0])
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    places = defaultdict(dict)
    for row in rows:
        if any(cell.strip() for cell in row):
            cells = dict(zip([cell.strip() for cell in head], [cell.strip() for cell in row]))
            *levels, place, arm = (cells[each] for each in columns)
            places["/".join(levels)][int(place)] = arm
    return {name: [own[place] for place in sorted(own)] for name, own in places.items()}


def lists_of(group, lists):
    """The lists of an allocation by which a group enters, taken out, by their own names."""
    prefix = group["key"] + ":"
    names = [name for name in lists if name.startswith(prefix)]
    return {name[len(prefix) :]: lists.pop(name) for name in names}


def allocated_again(again, places, held):
    """The same of an allocation at a later epoch: who isn't meant keeps the arm held before."""
    seed, terms, findings, drawn = bytes.fromhex(again["seed"]), again["terms"], [], []
    for number, place in enumerate(places, 1):
        here, stratum = int(place["place"]), place.get("stratum") or ""
        before = held[place["participant_id"]]
        arm = before
        if stratum != "-" and (not again["among"] or before in again["among"]):
            if terms["kind"] == "switch":
                arm = terms["to"][str(before)]
            elif terms["kind"] == "dose_cohort" and "specification" not in terms:
                # People opened the cohort: its dose is one of the levels.
                own = terms.get("arms") or list(range(1, len(terms["ratio"]) + 1))
                arm = int(place["arm"]) if int(place["arm"]) in own else own[0]
            else:
                arm = next_again(seed, terms, drawn, stratum, here, here - number)
            drawn.append((stratum, int(place["arm"])))
        if int(place["arm"]) != arm:
            findings.append(
                f"{again['key']!r}, place {here}: arm {place['arm']} was given, and arm {arm} is "
                "what follows"
            )
    return findings


def next_again(seed, terms, drawn, stratum, place, lost):
    """The arm of the next one who is allocated again, after those drawn so far."""
    own = terms.get("arms") or list(range(1, len(terms["ratio"]) + 1))
    if terms["kind"] == "none":
        return own[0]
    if terms["kind"] == "blocks":
        taken = lost + sum(other == stratum for other, _arm in drawn)
        return own[blocks(seed, terms, stratum, taken + 1)[taken] - 1]
    if terms["kind"] == "simple":
        return own[simple(seed, terms, [place])[0] - 1]
    given = [own.index(arm) + 1 for _other, arm in drawn]
    if terms["kind"] == "dose_cohort":
        earlier = list(zip([other for other, _arm in drawn], given))
        return own[next_in_cohort(seed, terms, earlier, stratum, place) - 1]
    strata = [*(other for other, _arm in drawn), stratum]
    return own[minimised_next(seed, terms, given, strata, place) - 1]


def entered(seed, terms, lengths, lists):
    """The same of the allocation by which participants enter."""
    own = terms.get("arms") or list(range(1, len(terms["ratio"]) + 1))
    findings = []
    for name, taken in sorted(lists.items()):
        numbers = [int(place["place"]) for place in taken]
        if numbers != list(range(1, len(taken) + 1)):
            findings.append(f"list {name!r}: places are missing or there twice")
        strata = [place.get("stratum") or "" for place in taken]
        if terms["kind"] == "external":
            found = [int(arm) for arm in terms["drawn"].get(name, ())]
        elif terms["kind"] == "blocks":
            found = blocks(seed, terms, name, lengths[name])
        elif terms["kind"] == "simple":
            found = simple(seed, terms, numbers)
        elif terms["kind"] == "dose_cohort":
            found = in_cohorts(seed, terms, numbers, strata)
        else:
            found = minimised(seed, terms, numbers, strata)
        if len(found) != len(taken):
            findings.append(f"list {name!r} has {len(taken)} places, and {len(found)} were made")
        for place, drawn in zip(taken, found):
            arm = own[drawn - 1]
            if int(place["arm"]) != arm:
                findings.append(
                    f"list {name!r}, place {place['place']}: arm {place['arm']} was given, and the "
                    f"random numbers give arm {arm}"
                )
    return findings


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export", help="JSON lines of `trialwright ledger export`, with values")
    parser.add_argument("--study-key", required=True, help="64 hexadecimal digits")
    parser.add_argument("--list", help="the file of an uploaded list, as its author kept it")
    chosen = parser.parse_args(arguments)
    try:
        outside = Path(chosen.list).read_bytes() if chosen.list else None
        with open(chosen.export, encoding="utf-8") as file:
            next(file)
            findings, count = verify(file, bytes.fromhex(chosen.study_key), outside)
    except (OSError, ValueError, KeyError, TypeError, StopIteration, csv.Error) as error:
        print(f"Can't read it: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{count} places: {len(findings) or 'no'} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

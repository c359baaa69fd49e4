"""Answers a file of requests with Splink on DuckDB, for `cargo xtask bench trace --peers`.

usage: splink_trace.py FOLDER ANSWERS.csv THREADS

FOLDER holds index.csv and requests.csv in the columns of a Tracegate trial. ANSWERS.csv gets, for each
request, the best person, the match weight of that person and of the next one, and the match
probability. Standard output gets one JSON object with versions and CPU seconds.

The modelling choices are those that Splink's documentation recommends for people: the library's own
comparisons for names (with term frequencies) and dates of birth, one joint comparison for address and
postcode because they agree and differ together, training without labels (u by random sampling, m by
expectation maximization under two blocking rules), and blocking rules that between them miss few true
pairs. Sex, middle name and NHS number are compared only where the file has them.
"""

import csv
import json
import logging
import sys
import time
import warnings

import duckdb
import splink
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

COLUMNS = [
    "nhs_number", "given_name", "middle_name", "surname", "date_of_birth",
    "sex", "address", "town", "postcode",
]

# Answers need this probability; exact ties are not answered.
ANSWER_FROM = 0.95


def load(connection, folder, file, table, identifier):
    fields = ", ".join(f"nullif({name}, '') as {name}" for name in COLUMNS)
    connection.execute(
        f"create table {table} as select {identifier} as unique_id, {fields}, "
        "nullif(trim(coalesce(given_name, '') || ' ' || coalesce(surname, '')), '') as full_name "
        f"from read_csv('{folder}/{file}', all_varchar = true, header = true)"
    )


def held(connection, column):
    """Share of the requests and of the index that have a value."""
    shares = [
        connection.execute(f"select count({column}) / count(*) from {table}").fetchall()[0][0]
        for table in ("people", "requests")
    ]
    return min(shares)


def location(districts):
    """One comparison for all that says where: address and postcode agree and differ together."""
    def level(condition, label):
        return levels.CustomLevel(condition, label)

    district = level(
        "split_part(postcode_l, ' ', 1) = split_part(postcode_r, ' ', 1)", "same district"
    )
    nothing = "({0}_l is null and {1}_l is null) or ({0}_r is null and {1}_r is null)"
    return compare.CustomComparison(
        output_column_name="location",
        comparison_levels=[
            level(nothing.format("address", "postcode"), "missing").configure(is_null_level=True),
            level(
                "postcode_l = postcode_r and jaro_winkler_similarity(address_l, address_r) >= 0.9",
                "same postcode, similar address",
            ),
            level("postcode_l = postcode_r", "same postcode"),
            level(
                "address_l = address_r and levenshtein(postcode_l, postcode_r) <= 2",
                "same address, similar postcode",
            ),
            level("address_l = address_r", "same address"),
            *([district] if districts else []),
            levels.ElseLevel(),
        ],
    )


def middle_name():
    initials = "substr(middle_name_l, 1, 1) = substr(middle_name_r, 1, 1)"
    return compare.CustomComparison(
        output_column_name="middle_name",
        comparison_levels=[
            levels.NullLevel("middle_name"),
            levels.ExactMatchLevel("middle_name"),
            levels.CustomLevel(initials, "same initial"),
            levels.ElseLevel(),
        ],
    )


def settings(connection):
    # The files of FEBRL have no sex, and Australian postcodes, which have no two parts.
    british = held(connection, "sex") > 0
    comparisons = [
        compare.ForenameSurnameComparison(
            "given_name", "surname", forename_surname_concat_col_name="full_name"
        ),
        compare.DateOfBirthComparison(
            "date_of_birth", input_is_string=True, datetime_format="%Y-%m-%d",
            invalid_dates_as_null=False,
        ),
        location(british),
    ]
    rules = [
        block_on("date_of_birth"),
        block_on("given_name", "surname", "substr(date_of_birth, 1, 4)"),
        block_on("surname", "substr(given_name, 1, 1)", "substr(date_of_birth, 1, 4)"),
        block_on("given_name", "substr(surname, 1, 3)", "substr(date_of_birth, 1, 4)"),
        "l.given_name = r.surname and l.surname = r.given_name",
        block_on("address", "surname"),
        block_on("address", "given_name"),
        block_on("postcode"),
    ]
    if british:
        comparisons.append(compare.ExactMatch("sex"))
    else:
        comparisons.append(compare.DamerauLevenshteinAtThresholds("postcode", [1, 2]))
        rules.append(block_on("given_name", "surname"))
    if held(connection, "middle_name") > 0:
        comparisons.append(middle_name())
    if held(connection, "nhs_number") > 0:
        comparisons.append(compare.DamerauLevenshteinAtThresholds("nhs_number", [1]))
        rules.append(block_on("nhs_number"))
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        unique_id_column_name="unique_id",
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def train(linker):
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("given_name", "surname", "date_of_birth")], recall=0.7
    )
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("date_of_birth"), block_on("given_name", "surname")):
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )


BEST_TWO = """
with pairs as (
  select
    case when source_dataset_l = 'b_requests' then unique_id_l else unique_id_r end as request,
    case when source_dataset_l = 'b_requests' then unique_id_r else unique_id_l end as person,
    match_weight as weight, match_probability as probability
  from {table}
), ranked as (
  select *,
    row_number() over (partition by request order by weight desc, person) as place,
    lead(weight) over (partition by request order by weight desc, person) as second
  from pairs
)
select request, person, probability, weight, second from ranked where place = 1
"""


def main(folder, answers, threads):
    warnings.filterwarnings("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    marks = [time.process_time()]
    connection = duckdb.connect()
    connection.execute(f"set threads = {int(threads)}")
    load(connection, folder, "index.csv", "people", "person_id")
    load(connection, folder, "requests.csv", "requests", "request_id")
    marks.append(time.process_time())
    database = DuckDBAPI(connection=connection)
    tables = [
        database.register(connection.table("people"), dataset_display_name="a_people"),
        database.register(connection.table("requests"), dataset_display_name="b_requests"),
    ]
    linker = Linker(tables, settings(connection))
    train(linker)
    marks.append(time.process_time())
    predictions = linker.inference.predict(threshold_match_weight=-10)
    rows = connection.execute(BEST_TWO.format(table=predictions.physical_name)).fetchall()
    marks.append(time.process_time())
    with open(answers, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["request_id", "outcome", "person_id", "probability", "score", "second_score"]
        )
        for request, person, probability, weight, second in rows:
            sure = probability >= ANSWER_FROM and (second is None or weight > second)
            writer.writerow([
                request, "single" if sure else "no_trace", person, f"{probability:.9f}",
                f"{weight:.6f}", "" if second is None else f"{second:.6f}",
            ])
    load_cpu, train_cpu, predict_cpu = (b - a for a, b in zip(marks, marks[1:]))
    print(json.dumps({
        "tool": f"Splink {splink.__version__}, DuckDB {duckdb.__version__}",
        "load_cpu_s": load_cpu,
        "train_cpu_s": train_cpu,
        "answer_cpu_s": predict_cpu,
    }))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])

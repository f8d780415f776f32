from datetime import date

import pytest

from extraction.engine.dates import decide_day_first, find_dates


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("31/08/2022", date(2022, 8, 31)),
        ("12/31/2020", date(2020, 12, 31)),
        ("01.11.2023", date(2023, 11, 1)),
        ("8-9-2022", date(2022, 9, 8)),
        ("2023-11-13", date(2023, 11, 13)),
        ("2020/3/4", date(2020, 3, 4)),
        ("02.09.22, 16:20", date(2022, 9, 2)),
        ("12-03-201810:13:04", date(2018, 3, 12)),
        ("December 21, 2022", date(2022, 12, 21)),
        ("Mar 4, 2023", date(2023, 3, 4)),
        ("14-Mar-21", date(2021, 3, 14)),
        ("21st of June 2020", date(2020, 6, 21)),
        ("5. März 2021", date(2021, 3, 5)),
        ("1er août 2021", date(2021, 8, 1)),
        ("15 de marzo de 2020", date(2020, 3, 15)),
        ("3 sierpnia 2021", date(2021, 8, 3)),
        ("19 april 2014", date(2014, 4, 19)),
        ("7 maggio 2019", date(2019, 5, 7)),
        ("2 de fevereiro de 2022", date(2022, 2, 2)),
        ("2021年3月4日", date(2021, 3, 4)),
        ("20260815", date(2026, 8, 15)),
    ],
)
def test_a_printed_date_is_read(text: str, value: date) -> None:
    assert [found.value for found in find_dates(text, day_first=True)] == [value]


@pytest.mark.parametrize("text", ["1.2.3.4", "31/02/2022", "99/99/2020", "12:30", "0228 / 53 66 37", "1815-01-01"])
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert list(find_dates(text, day_first=True)) == []


def test_both_ends_of_a_period_are_found_in_place() -> None:
    text = "Dec 21, 2022 – Jan 21, 2023"
    first, second = find_dates(text, day_first=False)
    assert (text[first.start : first.end], text[second.start : second.end]) == ("Dec 21, 2022", "Jan 21, 2023")


def test_the_order_is_decided_by_the_dates_that_have_one_reading() -> None:
    assert not decide_day_first(["3/09/2015", "6/29/2016"])
    assert decide_day_first(["3/09/2015", "29/6/2016"], american=True)


def test_without_such_a_date_the_place_decides() -> None:
    assert decide_day_first(["3/09/2015"])
    assert not decide_day_first(["3/09/2015"], american=True)


def test_a_blank_before_the_comma_and_a_number_before_the_month() -> None:
    assert [d.value for d in find_dates("DUE ON March 3 , 2023", True)] == [date(2023, 3, 3)]
    assert [d.value for d in find_dates("BT240517-03 May 17, 2024", True)] == [date(2024, 5, 17)]

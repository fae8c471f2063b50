use super::*;

#[test]
fn a_due_is_returned_in_the_form_in_which_it_was_sent() {
    for text in [
        "2026-12-01",
        "0001-01-01",
        "9999-12-31",
        "2024-02-29",
        "2026-12-01T09:30:00Z",
        "2026-12-01T09:30:00.5Z",
        "2026-12-01T09:30:00.123456Z",
        "2026-12-01T09:30:00.123456+05:45",
        "2026-12-01T00:00:00-00:00",
        "9999-12-30T21:59:59+00:00",
    ] {
        let due = Due::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(serde_json::to_value(&due).unwrap(), text);
    }
}

#[test]
fn a_fraction_of_a_second_is_cut_after_six_digits() {
    for (text, kept) in [
        (
            "2026-12-01T09:30:00.1234567Z",
            "2026-12-01T09:30:00.123456Z",
        ),
        (
            "2026-12-01T09:30:00.123456789+05:45",
            "2026-12-01T09:30:00.123456+05:45",
        ),
        (
            "2026-12-01T09:30:59.9999999-02:00",
            "2026-12-01T09:30:59.999999-02:00",
        ),
        (
            "1969-12-31T23:59:59.0000009Z",
            "1969-12-31T23:59:59.000000Z",
        ),
        (
            &format!("2026-12-01T09:30:00.{}Z", "1".repeat(500)),
            "2026-12-01T09:30:00.111111Z",
        ),
    ] {
        assert_eq!(Due::parse(text), Due::parse(kept), "{text}");
        assert_eq!(
            serde_json::to_value(Due::parse(text).unwrap()).unwrap(),
            kept
        );
    }
    let malformed = [
        "2026-12-01T09:30:00.1234567",
        "2026-12-01T09:30:00.1234567Z1",
        "é.1234567",
    ];
    for text in malformed {
        assert_eq!(Due::parse(text), Err(InvalidDue::Form), "{text}");
    }
}

#[test]
fn a_text_in_another_form_is_refused() {
    for text in [
        "",
        "tomorrow",
        "2026-1-1",
        "20261201",
        "2026-12-01t09:30:00Z",
        "2026-12-01T09:30:00z",
        "+002026-12-01",
        "2026-12-01T09:30:00",
        "2026-12-01 09:30:00Z",
        "2026-12-01T09:30Z",
        "2026-12-01T09:30:00.Z",
        "2026-12-01T09:30:00+0200",
        "2026-12-01T09:30:00+02",
        "2026-12-01T09:30:00Z[UTC]",
        "2026-12-01T09:30:00\u{2212}02:00",
        "２０２６-12-01",
        "2026-12-01\0",
    ] {
        assert_eq!(Due::parse(text), Err(InvalidDue::Form), "{text}");
    }
}

#[test]
fn a_day_or_time_that_does_not_exist_is_refused() {
    for text in [
        "0000-01-01",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T00:00:00Z",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-12-00",
        "2026-12-01T24:00:00Z",
        "2026-12-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-12-01T00:00:00+24:00",
        "2026-12-01T00:00:00+02:60",
        "2026-12-01T00:00:00-24:00",
    ] {
        assert_eq!(Due::parse(text), Err(InvalidDue::NoSuchTime), "{text}");
    }
}

#[test]
fn an_all_day_due_stands_at_the_start_of_its_day_in_utc() {
    let order = |text| Due::parse(text).unwrap().order(None);
    assert_eq!(order("2026-12-01"), "2026-12-01T00:00:00Z");
    assert_eq!(order("9999-12-31"), "9999-12-31T00:00:00Z");
    assert_eq!(
        order("2026-12-01T01:00:00+02:00"),
        "2026-11-30T23:00:00.000000Z"
    );
}

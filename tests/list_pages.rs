//! Paging: every task appears once, whatever happens between two pages.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::harness::{Handlers, Reply, Request};

const SORTS: [&str; 5] = ["created_at", "updated_at", "due", "priority", "title"];

/// The query for the next page, from the answer's `Link` header.
fn next(answer: &Reply) -> Option<String> {
    let link = answer.header("link")?;
    let (path, query) = link
        .strip_prefix('<')
        .unwrap()
        .strip_suffix(">; rel=\"next\"")
        .unwrap()
        .split_once('?')
        .unwrap();
    assert_eq!(path, "/api/v1/ann/tasks");
    Some(query.to_owned())
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|task| task["id"].as_str().unwrap().to_owned())
        .collect()
}

/// All pages, starting with the first.
async fn pages(api: &Handlers, query: &str) -> Vec<Vec<String>> {
    let (mut pages, mut query) = (Vec::new(), Some(query.to_owned()));
    while let Some(current) = query {
        let answer = api.send(Request::list("ann").query(&current)).await;
        pages.push(ids(&answer.expect(200)));
        query = next(&answer);
    }
    pages
}

/// 25 tasks of `ann` with many ties in everything by which lists can be sorted.
async fn with_ties() -> Handlers {
    let api = Handlers::start().await;
    let insert = "insert into tasks (id, user_id, title, priority, due_on, created_at, updated_at, tags)
                  select md5(n::text)::uuid, 'ann', chr(65 + n % 3), n % 2, case when n % 4 < 2 then date '2026-12-01' + n % 3 end,
                         t, t, case when n % 5 > 0 then array['tag & co'] else '{}' end
                  from generate_series(1, 25) n, lateral (select now() - n % 4 * interval '1 second') _ (t)";
    api.database()
        .superuser()
        .await
        .batch_execute(insert)
        .await
        .unwrap();
    api
}

#[tokio::test]
async fn the_pages_of_every_sort_order_add_up_to_the_list() {
    let api = with_ties().await;
    for sort in SORTS
        .iter()
        .flat_map(|sort| [(*sort).to_owned(), format!("-{sort}")])
    {
        let whole = api
            .send(Request::list("ann").query(&format!("sort={sort}")))
            .await;
        assert_eq!(whole.header("link"), None);
        for limit in [1, 7, 25] {
            let pages = pages(&api, &format!("sort={sort}&limit={limit}")).await;
            assert_eq!(pages.concat(), ids(&whole.expect(200)), "{sort} {limit}");
            assert_eq!(pages.len(), 25_usize.div_ceil(limit), "{sort} {limit}");
        }
    }
}

#[tokio::test]
async fn the_next_page_keeps_the_filters_but_may_have_another_size() {
    let api = with_ties().await;
    let pages = pages(
        &api,
        "tag=tag+%26+co&priority=none&priority=low&limit=9&status=pending&_unknown=%C3%BC",
    )
    .await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [9, 9, 2]);
    let first = api.send(Request::list("ann").query("limit=9")).await;
    let larger = next(&first).unwrap().replace("limit=9", "limit=16");
    assert_eq!(
        ids(&api
            .send(Request::list("ann").query(&larger))
            .await
            .expect(200))
        .len(),
        16
    );
}

#[tokio::test]
async fn a_page_is_stable_while_tasks_come_and_go() {
    let api = with_ties().await;
    let first = api.send(Request::list("ann").query("limit=10")).await;
    let whole = ids(&api.send(Request::list("ann")).await.expect(200));
    api.create("ann", "newer than all").await;
    api.send(Request::delete("ann", &whole[9]))
        .await
        .expect(204);
    let second = api
        .send(Request::list("ann").query(&next(&first).unwrap()))
        .await
        .expect(200);
    assert_eq!(ids(&second), whole[10..20]);
}

#[tokio::test]
async fn a_list_too_large_for_one_answer_continues_on_the_next_page() {
    let api = Handlers::start().await;
    let insert = "insert into tasks (id, user_id, title, description)
                  select md5(n::text)::uuid, 'ann', n::text, repeat('ü', 10000) from generate_series(1, 400) n";
    api.database()
        .superuser()
        .await
        .batch_execute(insert)
        .await
        .unwrap();
    let sizes: Vec<_> = pages(&api, "").await.iter().map(Vec::len).collect();
    assert_eq!(
        (sizes.len(), sizes.iter().sum::<usize>()),
        (2, 400),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn the_tasks_of_all_pages_are_counted_on_request() {
    let api = with_ties().await;
    for (query, count) in [
        ("count=true", "25"),
        ("count=true&limit=3", "25"),
        ("count=true&priority=low&limit=1", "13"),
        ("count=true&tag=no", "0"),
    ] {
        let answer = api.send(Request::list("ann").query(query)).await;
        assert_eq!(answer.header("x-total-count"), Some(count), "{query}");
        if let Some(next) = next(&answer) {
            let answer = api.send(Request::list("ann").query(&next)).await;
            assert_eq!(answer.header("x-total-count"), Some(count), "{next}");
        }
    }
    for query in ["", "count=false"] {
        assert_eq!(
            api.send(Request::list("ann").query(query))
                .await
                .header("x-total-count"),
            None
        );
    }
}

#[tokio::test]
async fn a_cursor_works_only_for_its_own_list() {
    let api = with_ties().await;
    for sort in SORTS {
        let first = api
            .send(Request::list("ann").query(&format!("sort={sort}&limit=3")))
            .await;
        let next = next(&first).unwrap();
        let (_, cursor) = next.split_once("cursor=").unwrap();
        let cursor = percent_decode_str(cursor.split('&').next().unwrap())
            .decode_utf8()
            .unwrap()
            .into_owned();
        let mut altered = cursor.clone();
        altered.replace_range(3..4, if &cursor[3..4] == "A" { "B" } else { "A" });
        for query in [
            format!("sort=-{sort}&limit=3&cursor={cursor}"),
            format!("sort={sort}&status=pending&cursor={cursor}"),
            format!("sort={sort}&tag=a&cursor={cursor}"),
            format!("sort={sort}&cursor={altered}"),
            format!("sort={sort}&cursor={}", &cursor[..20]),
            format!("sort={sort}&cursor={cursor}x"),
            "cursor=".into(),
            "cursor=abc".into(),
            "cursor=%00%FF".into(),
        ] {
            let answer = api.send(Request::list("ann").query(&query)).await;
            assert_eq!(
                answer.invalid_fields(),
                ["cursor does not belong to a list with these parameters"],
                "{query}"
            );
        }
        let limit_may_change = format!("sort={sort}&limit=5&count=true&cursor={cursor}");
        api.send(Request::list("ann").query(&limit_may_change))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn another_users_cursor_reveals_none_of_their_tasks() {
    let api = with_ties().await;
    let first = api.send(Request::list("ann").query("limit=3")).await;
    let query = next(&first).unwrap();
    assert_eq!(
        api.send(Request::list("bob").query(&query))
            .await
            .expect(200),
        json!([])
    );
}

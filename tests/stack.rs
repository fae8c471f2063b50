//! What template.yaml says of every function besides its routes: alarms, and reserved concurrency.

use std::fs::read_to_string;

use crate::harness::{root, template};

/// Invoked by no client: a deployment invokes the first, a schedule the second.
const WITHOUT_CLIENTS: [&str; 2] = ["Migrate", "Purge"];

/// Deployments watch the first, people the second. A function without clients has no throttled
/// callers.
#[test]
fn every_function_has_alarms() {
    let text = read_to_string(root().join("template.yaml")).unwrap();
    for function in template().functions {
        let id = function.logical_id;
        for kind in ["Errors", "Throttles"] {
            let Some((_, alarm)) = text.split_once(&format!("\n  {id}{kind}:")) else {
                assert!(
                    WITHOUT_CLIENTS.contains(&&*id) && kind == "Throttles",
                    "{id}{kind} is missing"
                );
                continue;
            };
            // Whole, or made of another one.
            let alarm = alarm.split("\n\n").next().unwrap();
            let metric = [
                format!("MetricName: {kind}\n"),
                format!("<<: *{kind}Properties\n"),
            ];
            assert!(
                metric.iter().any(|metric| alarm.contains(metric)),
                "{alarm}"
            );
            for mention in [
                format!("${{AWS::StackName}}: {id} "),
                format!("FunctionName, Value: !Ref {id} "),
            ] {
                assert!(alarm.contains(&mention), "{mention}: {alarm}");
            }
        }
    }
}

/// An account has 1,000 environments by default, of which 100 must stay unreserved.
#[test]
fn what_production_reserves_for_all_functions_fits_into_an_account() {
    let settings = read_to_string(root().join("samconfig.toml")).unwrap();
    let (_, reserved) = settings.split_once("\"ReservedConcurrency=").unwrap();
    let reserved: usize = reserved.split('"').next().unwrap().parse().unwrap();
    let functions = template().functions.len() - WITHOUT_CLIENTS.len();

    let total = functions * reserved;

    assert!(
        total <= 900,
        "{functions} functions reserve {total} environments: reserve fewer in samconfig.toml"
    );
    let text = read_to_string(root().join("template.yaml")).unwrap();
    for id in WITHOUT_CLIENTS {
        let reserves_none = "ReservedConcurrentExecutions: !Ref AWS::NoValue";
        assert!(block(&text, id).contains(reserves_none), "{id}");
    }
    let calculation = format!("{functions} x {reserved} = {total}");
    assert!(
        text.contains(&calculation),
        "template.yaml calculates with other numbers than {calculation}"
    );
}

/// The text of a resource.
fn block<'a>(template: &'a str, id: &str) -> &'a str {
    let (_, block) = template.split_once(&format!("\n  {id}:\n")).unwrap();
    block.split("\n\n").next().unwrap()
}

//! What template.yaml says of every function besides its routes: alarms, and reserved concurrency.

use std::fs::read_to_string;

use crate::harness::{root, template};

/// Deployments watch the first, people the second. `migrate` has no throttled callers.
#[test]
fn every_function_has_alarms() {
    let text = read_to_string(root().join("template.yaml")).unwrap();
    for function in template().functions {
        let id = function.logical_id;
        for kind in ["Errors", "Throttles"] {
            let Some((_, alarm)) = text.split_once(&format!("\n  {id}{kind}:")) else {
                assert!(
                    id == "Migrate" && kind == "Throttles",
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
    // Nothing is reserved for `migrate`.
    let functions = template().functions.len() - 1;

    let total = functions * reserved;

    assert!(
        total <= 900,
        "{functions} functions reserve {total} environments: reserve fewer in samconfig.toml"
    );
    let calculation = format!("{functions} x {reserved} = {total}");
    let text = read_to_string(root().join("template.yaml")).unwrap();
    assert!(
        text.contains(&calculation),
        "template.yaml calculates with other numbers than {calculation}"
    );
}

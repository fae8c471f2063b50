//! The environment variables of a function.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::collections::BTreeMap;
use std::env;

use crate::ServerOptions;
use crate::template::Function;

/// Variables inherited from this process: Lambda sets `PATH` too, the others are for debugging.
const INHERITED: [&str; 3] = ["PATH", "RUST_BACKTRACE", "RUST_LOG"];

/// The region that functions see.
pub(crate) const REGION: &str = "us-east-1";

/// The variables that all environments of `function` have. Those in `options` override the
/// template's.
pub(super) fn variables(function: &Function, options: &ServerOptions) -> BTreeMap<String, String> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let inherited = INHERITED
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), env::var(name).ok()?)));
    let name = function.binary.as_str();
    let reserved = [
        ("AWS_DEFAULT_REGION", REGION),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            &function.memory_size.to_string(),
        ),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{name}")),
        ("AWS_REGION", REGION),
        ("LAMBDA_TASK_ROOT", &options.binaries.to_string_lossy()),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("_HANDLER", "bootstrap"),
    ];
    inherited
        .chain(function.environment.clone())
        .chain(options.environment.clone())
        .chain(reserved.map(owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::template::Template;

    #[test]
    fn configured_variables_override_the_templates_and_lambdas_own_override_both() {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let function = Function {
            logical_id: "GetTask".into(),
            binary: "get-task".into(),
            timeout: Duration::from_secs(3),
            memory_size: 256,
            environment: [variable("STAGE", "template"), variable("KEPT", "template")].into(),
        };
        let mut options = ServerOptions::new(Template::default(), "/bin");
        options.environment = [
            variable("STAGE", "configured"),
            variable("AWS_REGION", "configured"),
        ]
        .into();

        let variables = variables(&function, &options);

        assert_eq!(variables["STAGE"], "configured");
        assert_eq!(variables["KEPT"], "template");
        assert_eq!(variables["AWS_REGION"], REGION);
        assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "get-task");
        assert!(!variables.contains_key("HOME"));
    }
}

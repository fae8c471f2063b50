//! The environment variables of a function.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use crate::template::Function;

/// Variables inherited from this process: Lambda sets `PATH` too, the others are for debugging.
const INHERITED: [&str; 3] = ["PATH", "RUST_BACKTRACE", "RUST_LOG"];

/// The region that functions see.
pub(crate) const REGION: &str = "us-east-1";

/// The variables that all environments of `function` have; `configured` overrides the template's.
pub(super) fn of(
    function: &Function,
    configured: &BTreeMap<String, String>,
    binaries: &Path,
) -> BTreeMap<String, String> {
    let inherited = INHERITED
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), env::var(name).ok()?)));
    let reserved = [
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory_size.to_string(),
        ),
        ("AWS_LAMBDA_FUNCTION_NAME", function.binary.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", function.binary),
        ),
        ("AWS_REGION", REGION.to_owned()),
        ("LAMBDA_TASK_ROOT", binaries.display().to_string()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
    ];
    let reserved = reserved
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    inherited
        .chain(function.environment.clone())
        .chain(configured.clone())
        .chain(reserved)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
        let configured = [
            variable("STAGE", "configured"),
            variable("AWS_REGION", "configured"),
        ]
        .into();

        let variables = of(&function, &configured, Path::new("/bin"));

        assert_eq!(variables["STAGE"], "configured");
        assert_eq!(variables["KEPT"], "template");
        assert_eq!(variables["AWS_REGION"], REGION);
        assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "get-task");
        assert!(!variables.contains_key("HOME"));
    }
}

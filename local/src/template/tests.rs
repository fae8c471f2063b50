use super::*;

const TEMPLATE: &str = r#"
Parameters:
  Origins: { Type: CommaDelimitedList, Default: "http://localhost:3000, http://localhost:5173" }
  Secret: { Type: String, NoEcho: true }
  Seconds: { Type: Number, Default: 7 }
Rules:
  Secret: { Assertions: [{ Assert: !Not [!Equals [!Ref Secret, ""]] }] }
Conditions:
  IsSlow: !Equals [!Ref Seconds, 7]
Globals:
  Function:
    MemorySize: 256
    Timeout: 15
    ReservedConcurrentExecutions: !If [IsSlow, 5, !Ref AWS::NoValue]
    Environment: { Variables: { STAGE: production, SECRET: !Ref Secret, LEVEL: 3 } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: { AllowOrigins: !Ref Origins, AllowMethods: [GET], MaxAge: 600 }
  Get:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: get-task } }
    Properties:
      Timeout: !Ref Seconds
      DeploymentPreference: { Alarms: !If [IsSlow, [!Ref Errors], [!Ref AWS::NoValue]] }
      Environment:
        Variables: { STAGE: !Sub "x-${Seconds}", API: !Sub "https://${Api}", X: !If [IsSlow, 1, 2] }
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: "/tasks/{id}" } }
        Rest: { Type: HttpApi }
        Tick: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
  Errors: { Type: AWS::CloudWatch::Alarm, Condition: IsSlow }
Outputs:
  Arn: { Value: !GetAtt Get.Arn }
"#;

fn parse(text: &str, parameters: &[(&str, &str)]) -> Result<Template, TemplateError> {
    let given = parameters
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    Template::parse(Path::new("template.yaml"), text, &given)
}

#[test]
fn a_function_has_its_own_settings_over_the_global_ones() {
    let template = parse(TEMPLATE, &[]).unwrap();

    let function = template.function("get-task").unwrap();
    assert_eq!(function.logical_id, "Get");
    assert_eq!(function.memory_size, 256);
    assert_eq!(function.timeout, Duration::from_secs(7));
    assert_eq!(function.environment["STAGE"], "x-7");
    assert_eq!(function.environment["LEVEL"], "3");
}

#[test]
fn a_variable_is_left_out_while_its_value_is_unknown() {
    let without = parse(TEMPLATE, &[]).unwrap();
    let with = parse(TEMPLATE, &[("Secret", "given")]).unwrap();

    assert_eq!(without.functions[0].environment.get("SECRET"), None);
    assert_eq!(without.functions[0].environment.get("API"), None);
    assert_eq!(with.functions[0].environment["SECRET"], "given");
}

#[test]
fn routes_are_the_http_api_events() {
    let template = parse(TEMPLATE, &[]).unwrap();

    let keys: Vec<String> = template.routes.iter().map(Route::key).collect();
    assert_eq!(keys, ["GET /tasks/{id}", "$default"]);
}

#[test]
fn a_list_parameter_has_its_default_unless_it_is_given() {
    let default = parse(TEMPLATE, &[]).unwrap().cors.unwrap();
    let given = parse(TEMPLATE, &[("Origins", "https://a.example")])
        .unwrap()
        .cors
        .unwrap();

    assert_eq!(
        default.allow_origins,
        ["http://localhost:3000", "http://localhost:5173"]
    );
    assert_eq!(default.max_age, Some(600));
    assert_eq!(given.allow_origins, ["https://a.example"]);
}

#[test]
fn what_is_not_needed_here_may_be_written_with_any_function() {
    let environment = &parse(TEMPLATE, &[]).unwrap().functions[0].environment;

    assert_eq!(environment.keys().collect::<Vec<_>>(), ["LEVEL", "STAGE"]);
}

#[test]
fn an_error_names_the_file_and_the_place() {
    let no_binary = TEMPLATE.replace("Binary: get-task", "Else: get-task");
    let no_path = TEMPLATE.replace(r#", Path: "/tasks/{id}""#, "");
    let cases = [
        (
            no_binary.as_str(),
            "template.yaml: Resources.Get.Metadata.BuildProperties: missing field `Binary`",
        ),
        (
            no_path.as_str(),
            "template.yaml: Resources.Get.Properties.Events.One: it has no Path",
        ),
        ("Resources: [", "template.yaml is not valid YAML:"),
    ];

    for (text, expected) in cases {
        let message = parse(text, &[]).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    let message = parse(TEMPLATE, &[("Other", "x")]).unwrap_err().to_string();
    assert_eq!(message, "template.yaml: Parameters: there is no Other");
}

#[test]
fn the_projects_own_template_can_be_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");

    let template = Template::read(&file, &BTreeMap::new()).unwrap();

    assert!(template.function("create-task").is_some());
    assert!(
        template
            .routes
            .iter()
            .any(|route| route.key() == "GET /health")
    );
}

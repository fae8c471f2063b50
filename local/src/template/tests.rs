use super::*;

const TEMPLATE: &str = r#"
Parameters:
  Origins: { Type: CommaDelimitedList, Default: "http://localhost:3000, http://localhost:5173" }
  Secret: { Type: String, NoEcho: true, Default: "" }
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
      Environment: { Variables: { STAGE: test, WAIT: !Ref Seconds } }
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: "/tasks/{id}" } }
        Two: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /tasks } }
  Errors: { Type: AWS::CloudWatch::Alarm, Condition: IsSlow }
Outputs:
  Arn: { Value: !GetAtt Get.Arn }
"#;

fn parse(text: &str, given: &[(&str, &str)]) -> Result<Template> {
    Template::parse(text, |name| {
        let parameter = given.iter().find(|(key, _)| *key == name);
        parameter.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn a_functions_own_settings_override_the_global_ones() {
    let template = parse(TEMPLATE, &[]).unwrap();

    let function = template.function("get-task").unwrap();
    assert_eq!(function.logical_id, "Get");
    assert_eq!(function.memory_size, 256);
    assert_eq!(function.timeout, Duration::from_secs(7));
    let variables = [
        ("LEVEL", "3"),
        ("SECRET", ""),
        ("STAGE", "test"),
        ("WAIT", "7"),
    ];
    let expected = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(function.environment, expected.into());
}

#[test]
fn a_given_parameter_overrides_its_default() {
    let template = parse(TEMPLATE, &[("Secret", "given"), ("Seconds", "9")]).unwrap();

    assert_eq!(template.functions[0].environment["SECRET"], "given");
    assert_eq!(template.functions[0].timeout, Duration::from_secs(9));
}

#[test]
fn routes_are_the_http_api_events() {
    let template = parse(TEMPLATE, &[]).unwrap();

    let keys: Vec<String> = template.routes.iter().map(Route::key).collect();
    assert_eq!(keys, ["GET /tasks/{id}", "POST /tasks"]);
}

#[test]
fn an_event_without_method_and_path_is_the_default_route() {
    let properties = "{ ApiId: !Ref Api, Method: POST, Path: /tasks }";
    let text = TEMPLATE.replace(properties, "{ ApiId: !Ref Api }");

    let routes = parse(&text, &[]).unwrap().routes;

    assert!(!routes[0].is_default() && routes[1].is_default());
    assert_eq!(routes[1].key(), "$default");
}

#[test]
fn a_schedule_is_a_rate() {
    let route = "Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /tasks }";
    for (rate, seconds) in [
        ("rate(1 minute)", 60),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", 86_400),
    ] {
        let schedule = format!("Type: Schedule, Properties: {{ Schedule: {rate} }}");
        let template = parse(&TEMPLATE.replace(route, &schedule), &[]).unwrap();

        let expected = Schedule {
            function: "get-task".into(),
            interval: Duration::from_secs(seconds),
        };
        assert_eq!(template.schedules, [expected]);
        assert_eq!(template.routes.len(), 1);
    }
}

#[test]
fn a_list_parameter_is_split_at_commas() {
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
fn an_error_names_the_place() {
    let cases = [
        (
            TEMPLATE.replace("Binary: get-task", "Else: get-task"),
            "Resources.Get.Metadata.BuildProperties.Else: unknown field `Else`",
        ),
        (
            TEMPLATE.replace(", Path: /tasks }", " }"),
            "Resources.Get.Properties.Events.Two: missing field `Path`",
        ),
        (
            TEMPLATE.replace("Method: POST, ", ""),
            "Resources.Get.Properties.Events.Two: missing field `Method`",
        ),
        ("Resources: [".to_owned(), "it is not valid YAML: "),
    ];

    for (text, expected) in cases {
        let message = format!("{:#}", parse(&text, &[]).unwrap_err());
        assert!(message.starts_with(expected), "{message}");
    }
}

/// A text in the template, its replacement, and what the error must name.
const NOT_MODELLED: [(&str, &str, &str); 14] = [
    ("Method: POST", "Method: ANY", "ANY /tasks"),
    ("Path: /tasks }", r#"Path: "/{rest+}" }"#, "POST /{rest+}"),
    ("Path: /tasks }", r#"Path: "$default" }"#, "POST $default"),
    (
        "Path: /tasks }",
        "Path: /tasks, Auth: { Authorizer: NONE } }",
        "`Auth`",
    ),
    ("Two: { Type: HttpApi", "Two: { Type: SQS", "SQS"),
    (
        "Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /tasks }",
        "Type: Schedule, Properties: { Schedule: cron(0 3 * * ? *) }",
        "cron(0 3 * * ? *)",
    ),
    (
        "Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /tasks }",
        "Type: Schedule, Properties: { Schedule: rate(1 day), Enabled: false }",
        "`Enabled`",
    ),
    (
        "MaxAge: 600",
        "AllowCredentials: true",
        "`AllowCredentials`",
    ),
    (
        "AllowOrigins: !Ref Origins",
        r#"AllowOrigins: ["https://*"]"#,
        "https://*",
    ),
    (
        "WAIT: !Ref Seconds",
        "WAIT: !GetAtt Api.Arn",
        "Environment.Variables.WAIT",
    ),
    (
        "WAIT: !Ref Seconds",
        "WAIT: !Ref Unknown",
        "Environment.Variables.WAIT",
    ),
    (
        "      Timeout: !Ref Seconds",
        "      Layers: [layer]",
        "`Layers`",
    ),
    (
        "Errors: { Type: AWS::CloudWatch::Alarm",
        "Errors: { Type: AWS::SQS::Queue",
        "AWS::SQS::Queue",
    ),
    ("Type: Number", "Type: \"List<Number>\"", "List<Number>"),
];

#[test]
fn what_is_not_modelled_is_refused_by_name() {
    for (modelled, replacement, expected) in NOT_MODELLED {
        assert!(TEMPLATE.contains(modelled), "{modelled}");
        let text = TEMPLATE.replace(modelled, replacement);
        let message = format!("{:#}", parse(&text, &[]).unwrap_err());
        assert!(message.contains(expected), "{replacement}: {message}");
    }
}

#[test]
fn the_projects_own_template_can_be_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");

    let template = Template::read(&file, |_| None).unwrap();

    assert!(template.function("create-task").is_some());
    assert!(
        template
            .routes
            .iter()
            .any(|route| route.key() == "GET /health")
    );
}

#[test]
fn an_error_names_the_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("nowhere.yaml");

    let error = Template::read(&file, |_| None).unwrap_err();

    assert_eq!(error.to_string(), file.display().to_string());
}

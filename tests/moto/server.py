"""AWS for tests: Parameter Store with some parameters, and credentials of two roles, as Lambda gives them."""

import json
import sys

import boto3
import requests
from moto.server import ThreadedMotoServer

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "*"}],
}


def main(parameters):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    session = boto3.Session(aws_access_key_id="setup", aws_secret_access_key="setup", region_name="us-east-1")

    ssm = session.client("ssm", endpoint_url=url)
    for name, value in parameters.items():
        ssm.put_parameter(Name=name, Value=value, Type="SecureString")

    roles = {role: credentials(session, url, role) for role in ("allowed", "denied")}
    policy = {"RoleName": "allowed", "PolicyName": "read", "PolicyDocument": json.dumps(POLICY)}
    session.client("iam", endpoint_url=url).put_role_policy(**policy)
    # From the next request on, policies count.
    requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()

    print(json.dumps({"url": url, **roles}), flush=True)
    # Standard input ends when the test that started this dies, however it dies.
    sys.stdin.read()
    server.stop()


def credentials(session, url, role):
    iam, sts = (session.client(service, endpoint_url=url) for service in ("iam", "sts"))
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    given = sts.assume_role(RoleArn=arn, RoleSessionName=role)["Credentials"]
    return {"id": given["AccessKeyId"], "secret": given["SecretAccessKey"], "token": given["SessionToken"]}


main(json.loads(sys.argv[1]))
